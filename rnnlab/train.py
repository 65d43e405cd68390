"""One run: Experiment -> data -> model -> trainer -> tracking -> Result."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from types import ModuleType
from typing import Any

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.errors import Interrupted
from rnnlab.experiment import Experiment, trial_hash
from rnnlab.parts import Parts, Show, assemble, final_figures
from rnnlab.probes.probing import Prober, prober_for, steps_of
from rnnlab.tracking.folder import RESULT, RunFolder
from rnnlab.tracking.log import RunLog, Status
from rnnlab.tracking.setup import Tracking
from rnnlab.training import checkpoints, trainer
from rnnlab.training.device import repeatable
from rnnlab.training.plan import Plan
from rnnlab.training.record import Labels, begin, record_budget
from rnnlab.training.stopping import listening_for_signals
from rnnlab.training.supervisor import Diverged, Reporter, Supervisor


@dataclass(frozen=True, slots=True)
class Result:
    """What a run ended with; this is what result.json holds.

    state      complete, pruned, diverged, or interrupted (the last can be resumed and leaves no result.json)
    metrics    the last value of every figure, with the keys that tracking has
    seconds    training time alone, without validations and start-up
    checkpoint path of last.ckpt; weights_sha256 is over the weights in it
    backend    what computed the steps: native, scan, compiled or loop
    message    why a run ended before its budget, or ""
    """

    run_id: str
    state: str
    metrics: dict[str, float]
    weights_sha256: str
    parameters: int
    seconds: float
    steps: int
    checkpoint: str
    backend: str = "not recorded"
    message: str = ""


def run(
    experiment: Experiment,
    overrides: Sequence[str] = (),
    *,
    folder: RunFolder | None = None,
    labels: Labels | None = None,
    reporter: Reporter | None = None,
    show: Show | None = None,
    deliver: bool = True,
    extend_to: int | None = None,
) -> Result:
    """Train, measure and record one run; go on with it where ``folder`` holds an interrupted one.

    overrides  the words of the command line that led here; recorded
    labels     how tracking shows the run
    reporter   is asked at every chunk's end whether to go on (default: Ctrl-C and SIGTERM decide)
    deliver    whether this process sends the log to the tracking store, or somebody else does
    extend_to  a new budget in steps for the run in ``folder``
    """
    show = show or Show()
    with (
        repeatable(experiment.threads),
        listening_for_signals() if reporter is None else nullcontext(reporter) as ear,
    ):
        parts = assemble(experiment, show)
        prober = prober_for(experiment.probe, parts.model, parts.spec, parts.dataset)
        for reason in prober.unanswered if prober else ():
            show.saying(reason)
        if deliver:
            registry.build("tracking", experiment.tracking)  # refuses what is not installed, before a folder is made
        folder = folder or RunFolder.create()
        with folder.lock(), RunLog(folder).open() as log:
            machine, trial = parts.machine, trial_hash(experiment)
            begin(folder, log, experiment, parts.spec, machine, overrides, trial, labels or Labels(), parts.chosen)
            start = starting_point(parts, folder, extend_to)
            with delivery(experiment, folder, deliver) as undelivered:
                try:
                    result = train(parts, prober, folder, start, log, ear, show)
                except (Interrupted, KeyboardInterrupt):
                    log.finish(Status.KILLED)
                    raise
                except BaseException:
                    log.finish(Status.FAILED)
                    raise
                conclude(folder, log, result)
    return replace(result, message=" ".join([result.message, *undelivered]).strip())


def starting_point(parts: Parts, folder: RunFolder, extend_to: int | None) -> dict[str, Any]:
    """The checkpoint to go on from; for a new run, one at step 0, so that its length is decided once.

    Nothing else computes while a budget in minutes is timed: tracking starts after this.
    """
    learner = parts.learner
    if not folder.checkpoint.exists():
        learner.max_steps = trainer.steps_in_budget(parts.experiment.trainer, learner)
        checkpoints.save(folder.checkpoint, {**learner.checkpoint(), "progress": {}})
    content = checkpoints.load(folder.checkpoint)
    if extend_to is not None and extend_to != content["max_steps"]:
        content["max_steps"] = extend_to
        checkpoints.save(folder.checkpoint, content)
    record_budget(folder, content["position"], content["max_steps"])
    (folder.path / RESULT).unlink(missing_ok=True)  # from here on the run is not done
    return content


def train(
    parts: Parts,
    prober: Prober | None,
    folder: RunFolder,
    start: dict[str, Any],
    log: RunLog,
    reporter: Reporter,
    show: Show,
) -> Result:
    """From the starting point to the end of the budget."""
    learner, config = parts.learner, parts.experiment.trainer
    learner.max_steps = start["max_steps"]
    plan = trainer.make_plan(config, learner, steps_of(parts.experiment.probe, learner.max_steps))
    supervisor = Supervisor(
        learner,
        plan,
        folder.path,
        parts.validate,
        log.metrics,
        reporter,
        config.patience,
        lambda step, loss: show.training(step, plan.max_steps, loss),
        lambda step: looked_at(parts, prober, step, plan, log),
    )
    supervisor.restore(start)
    ended, message = None, ""
    try:
        if learner.position < plan.max_steps and not supervisor.stopped_early():
            supervisor.before_first()
            trainer.fit(learner, plan, supervisor)
        ended = supervisor.ended or ("early" if supervisor.stopped_early() else None)
    except Diverged as error:
        ended, message = "diverged", str(error)
    if prober is not None and ended != "interrupted":  # who was interrupted goes on, and will have a last word
        prober.tell(parts.model, folder, log)
    return finished(parts, folder, supervisor, ended, message, show)


def looked_at(parts: Parts, prober: Prober | None, step: int, plan: Plan, log: RunLog) -> None:
    """Let the probes look at the model; the pictures that are wanted once are made first and last."""
    assert prober is not None, "the plan has steps for probes where there are some"
    prober.look(parts.model, step, log, picture=step in (plan.probe_at[0], plan.probe_at[-1]))


def finished(
    parts: Parts, folder: RunFolder, supervisor: Supervisor, ended: str | None, message: str, show: Show
) -> Result:
    """The Result, with the figures of the best weights where the run came to its end."""
    learner, progress = parts.learner, supervisor.progress
    if ended == "diverged":  # what can be gone on from is the last checkpoint, not weights that are NaN
        learner.restore(checkpoints.load(folder.checkpoint))
    sha256 = checkpoints.weights_sha256(parts.model.state_dict())
    parameters = sum(p.numel() for p in learner.parameters)
    metrics = {**progress.metrics, "parameters": parameters}
    state = {None: "complete", "early": "complete"}.get(ended, ended or "")
    if state == "complete" and parts.experiment.trainer.final:
        metrics |= final_figures(parts, folder, show)
    if ended == "early":
        message = f"no better validation in {parts.experiment.trainer.patience}, stopped at step {learner.position}"
    return Result(
        run_id=folder.id,
        state=state,
        metrics={name: value for name, value in metrics.items() if math.isfinite(value)},
        weights_sha256=sha256,
        parameters=parameters,
        seconds=progress.seconds,
        steps=learner.position,
        checkpoint=str(folder.checkpoint),
        backend=parts.model.stack.backend.value,
        message=message,
    )


def conclude(folder: RunFolder, log: RunLog, result: Result) -> None:
    """Put the result into the log, and then into result.json: the one truth that a run is done."""
    if result.state == "interrupted":
        log.finish(Status.KILLED)
        return
    log.metrics(
        {key: value for key, value in result.metrics.items() if not key.startswith(("train/", "val/"))},
        result.steps,
    )
    log.tags({"rnnlab.state": result.state})
    log.finish(Status.FINISHED)
    folder.write_json(RESULT, asdict(result))


@contextmanager
def delivery(experiment: Experiment, folder: RunFolder, deliver: bool) -> Iterator[list[str]]:
    """Send the run's log to the tracking store while the block runs, and what is left of it afterwards.

    The list holds, after the block, a line on what the store did not take, if there is anything.
    """
    sender = None
    if deliver:
        tracking: Tracking = registry.build("tracking", experiment.tracking)
        sender = tracking.sender([folder])
    undelivered: list[str] = []
    try:
        yield undelivered
    finally:
        left = 0 if sender is None else sender.close(experiment.tracking.wait_seconds)
        if sender is not None and left:
            reason = sender.trouble or "it is slow"
            undelivered.append(
                f"{left} lines did not reach the tracking store ({reason}); `rnnlab resume {folder.id}` sends them"
            )


class CallableModule(ModuleType):
    """Makes ``rnnlab.train([...])`` work: an import binds ``rnnlab.train`` to this module, whoever comes first."""

    def __call__(self, overrides: Sequence[str] = (), config_dir: str | None = None) -> Result:
        """Compose the overrides as ``rnnlab train`` does, and train the run that they describe."""
        composed = compose(list(overrides), config_dir)
        return run(composed.experiment, composed.overrides)


sys.modules[__name__].__class__ = CallableModule
