"""A whole sweep: compose, check, start workers, hand out runs, deliver logs, and draw up the table.

``rnnlab train -m ...``, ``rnnlab sweep NAME`` and Hydra's ``hydra/sweeper=rnnlab`` all come here.
"""

from __future__ import annotations

import os
from collections import Counter
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from rnnlab.config import registry
from rnnlab.config.recipes import PRIMARY
from rnnlab.errors import RequestError
from rnnlab.sweep import summary
from rnnlab.sweep.folder import TABLE, check_free, check_total, ended_runs, held, sweep_folder
from rnnlab.sweep.forecast import forecast
from rnnlab.sweep.keeping import Keeper
from rnnlab.sweep.place import Place
from rnnlab.sweep.plan import Draft, Plan, complete, draft
from rnnlab.sweep.pools import Pool
from rnnlab.sweep.processes import warm_up
from rnnlab.sweep.proposals import Listed, Searched
from rnnlab.sweep.session import Session, stopping_on_signals
from rnnlab.sweep.slots import open_pool, this_machine
from rnnlab.sweep.study import JOURNAL, Study
from rnnlab.sweep.trial import Trial, run_id
from rnnlab.sweep.watching import LineWatcher, Watcher, watcher
from rnnlab.sweep.winner import WINNER, measure_winner
from rnnlab.sweep.work import Work, train
from rnnlab.sweep.workers import WARM
from rnnlab.tracking.folder import RESULT, RunFolder, runs_root, write_atomically
from rnnlab.tracking.log import RunLog, Status
from rnnlab.tracking.sender import Sender

ELSEWHERE = ("sweep.workers.inline=", "sweep.workers.address=")
"""Settings with which runs are not trained by processes of this machine."""


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep came to.

    state    complete, failed (some run did), or interrupted (the same command goes on)
    counts   how many runs ended in each state
    metric   what trials are compared by
    table    one row a trial, best first
    command  trains the best one again; None where no run has the metric
    test     what the best one reaches on the test part, measured once; empty where that is not known
    """

    sweep_id: str
    folder: str
    state: str
    runs: int
    counts: dict[str, int]
    metric: str
    table: list[dict[str, Any]]
    command: str | None
    test: dict[str, float]

    @property
    def exit_code(self) -> int:
        """0 complete, 1 failed, 130 interrupted."""
        return {"complete": 0, "failed": 1, "interrupted": 130}[self.state]


def sweep(
    arguments: list[str],
    *,
    config_dir: str | None = None,
    config_name: str = PRIMARY,
    seen_by: Watcher | None = None,
    work: Work = train,
) -> SweepResult:
    """Run a sweep, or what is missing of it.

    arguments    overrides in Hydra's grammar, sweeps among them: ["cell=elman,lstm", "seed=0,1"]
    config_dir   a folder of the user's own recipes, as in ``compose``
    config_name  the config with the defaults list, as in ``compose``
    seen_by      who looks on (default: whom ``watched_by`` names, else the log ``rnnlab.sweep``)
    work         what trains one run

    Raises RequestError, with nothing created, where any combination is impossible; WorkError where
    workers cannot be started. A run that fails does not raise: see ``SweepResult``.
    """
    seen_by = seen_by or watcher.get() or LineWatcher()
    if work is train and not any(word.startswith(ELSEWHERE) for word in arguments):
        warm_up(WARM)  # workers import what they need while this process composes
    drafted = draft(arguments, Place(config_dir, config_name))
    check_free(drafted)
    tracking = registry.build("tracking", drafted.experiment.tracking)
    tracking.store_factory()  # an impossible URI is refused here, before any folder is made
    plan = complete(drafted)
    check_total(plan)
    with ExitStack() as stack:
        pool = _agreed_pool(plan, seen_by, work, stack)
        folder = stack.enter_context(held(drafted))
        source = _source(plan, folder, seen_by)
        log = stack.enter_context(RunLog(folder))
        _start_log(log, plan)
        sender = tracking.sender([folder])
        try:
            (folder.path / RESULT).unlink(missing_ok=True)  # from here on the sweep is not done
            session = Session(plan, source, folder, sender, seen_by)
            _work_off(session, pool, work, stack)
            return _conclude(session, folder, log, seen_by, measured=work is train)
        except BaseException:
            log.finish(Status.KILLED)
            raise
        finally:
            _deliver(sender, drafted, seen_by)


def _agreed_pool(plan: Plan, seen_by: Watcher, work: Work, stack: ExitStack) -> Pool | None:
    """The pool, once somebody has agreed to what the sweep will take; None where all seems to have been run."""
    drafted = plan.draft
    runs = plan.expected * len(drafted.seeds) - ended_runs(sweep_folder(drafted.id))
    if runs <= 0:
        return None
    pool = open_pool(drafted.config.workers, work, stack, this_machine)
    cores = len(os.sched_getaffinity(0))
    experiments = [each.experiment for each in plan.candidates]
    specs = [each.spec for each in plan.candidates]
    told = forecast(experiments, specs, runs, pool.slots, cores)
    seen_by.say(f"forecast: {told.line}")
    if told.is_large and not seen_by.agree(told):
        raise RequestError("the sweep was not started")
    return pool


def _source(plan: Plan, folder: RunFolder, seen_by: Watcher) -> Listed | Searched:
    """Where the trials come from, on the sweep's study."""
    drafted, config = plan.draft, plan.draft.config
    study = Study(folder.path / JOURNAL, drafted.id, config)

    def folders(trial: Trial) -> list[RunFolder]:
        return [RunFolder(runs_root() / run_id(drafted.id, trial.hash, seed)) for seed in drafted.seeds]

    keeper = Keeper(config.keep, config.direction.sign, folders)
    if config.sampler.learns:
        return Searched(plan, study, keeper, seen_by.say)
    return Listed(plan, study, keeper)


def _work_off(session: Session, pool: Pool | None, work: Work, stack: ExitStack) -> None:
    session.scheduler.look_ahead()
    if not session.scheduler.done and pool is None:
        pool = open_pool(session.plan.draft.config.workers, work, stack, this_machine)
    session.announce(0 if pool is None else pool.slots)
    if pool is not None:
        with stopping_on_signals(session):
            session.work_off(pool)


def _start_log(log: RunLog, plan: Plan) -> None:
    """The sweep is a run of its own in the tracking store: the parent of its runs."""
    draft = plan.draft
    searched = list(draft.space.dimensions) or ["seed"]
    params = {
        "space": " ".join(f"{key}={','.join(each.listed)}" for key, each in draft.space.dimensions.items()),
        "seeds": ",".join(map(str, draft.seeds)),
        "metric": draft.config.metric,
        "sampler": draft.config.sampler.value,
        "pruner": draft.config.pruner.value,
    }
    tags = {"rnnlab.sweep": draft.id, "rnnlab.state": "running"}
    log.start(f"sweep over {', '.join(searched)}", draft.experiment.tracking.experiment, params, tags)


def _conclude(session: Session, folder: RunFolder, log: RunLog, seen_by: Watcher, *, measured: bool) -> SweepResult:
    """The table, in the sweep's folder and on the parent run, and what the sweep came to."""
    draft, outcomes = session.plan.draft, session.outcomes
    config, seeds = draft.config, draft.seeds
    rows = summary.summarize(session.trials, outcomes, config.objectives)
    table = summary.as_dicts(rows, config.metric)
    commands = summary.commands(rows, seeds)
    write_atomically(folder.path / TABLE, summary.as_csv(table, commands))
    best = summary.best(rows)
    state = session.state
    winner: dict[str, Any] = {}
    if best is not None and state != "interrupted" and measured:
        run = session.best_run(best.trial.number)
        seen_by.say(f"measuring the best run, {run.id}, on one stream of the validation and the test part")
        winner = measure_winner(folder, best, run, outcomes[run.id])
    result = SweepResult(
        sweep_id=folder.id,
        folder=str(folder.path),
        state=state,
        runs=session.scheduler.progress.total,
        counts=dict(sorted(Counter(ended.state.value for ended in outcomes.values()).items())),
        metric=config.metric,
        table=table,
        command=commands[0] if best is not None else None,
        test={name: value for name, value in winner.get("metrics", {}).items() if name.startswith("test/")},
    )
    if best is not None:
        log.metrics({config.metric: best.mean, **result.test}, step=len(outcomes))
    if state != "interrupted":
        folder.write_json(RESULT, asdict(result))
    for name in (TABLE, WINNER, *seen_by.concluded(folder.path)):
        if (folder.path / name).exists():
            log.file(name)
    log.tags({"rnnlab.state": state} | ({"rnnlab.best": result.command} if result.command else {}))
    log.finish({"complete": Status.FINISHED, "failed": Status.FAILED, "interrupted": Status.KILLED}[state])
    return result


def _deliver(sender: Sender | None, drafted: Draft, seen_by: Watcher) -> None:
    """Wait, for as long as the tracking options allow, until the store has everything."""
    if sender is None:
        return
    left = sender.close(drafted.experiment.tracking.wait_seconds)
    if left:
        seen_by.say(f"{left} lines did not reach the tracking store ({sender.trouble}); the same command sends them")
