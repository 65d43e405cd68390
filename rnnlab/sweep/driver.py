"""A whole sweep: compose, check, start workers, hand out runs, deliver logs, and draw up the table.

``rnnlab train -m ...``, ``rnnlab sweep NAME`` and Hydra's ``hydra/sweeper=rnnlab`` all come here.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from typing import Any

from rnnlab.config import registry
from rnnlab.config.recipes import PRIMARY
from rnnlab.sweep import summary
from rnnlab.sweep.folder import TABLE, check_free, check_total, held, sweep_folder
from rnnlab.sweep.plan import Draft, Place, Plan, complete, draft, prepare_data
from rnnlab.sweep.pools import Pool
from rnnlab.sweep.session import Session, stopping_on_signals
from rnnlab.sweep.slots import open_pool, this_machine
from rnnlab.sweep.work import Outcome, Work, outcome, train
from rnnlab.tracking.folder import RESULT, RunFolder, runs_root, write_atomically
from rnnlab.tracking.log import RunLog, Status
from rnnlab.tracking.sender import Sender

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SweepResult:
    """What a sweep came to.

    state    complete, failed (some run did), or interrupted (the same command goes on)
    counts   how many runs ended in each state
    metric   what trials are compared by
    table    one row a trial, best first
    command  trains the best one again; None where no run has the metric
    """

    sweep_id: str
    folder: str
    state: str
    runs: int
    counts: dict[str, int]
    metric: str
    table: list[dict[str, Any]]
    command: str | None

    @property
    def exit_code(self) -> int:
        """0 complete, 1 failed, 130 interrupted."""
        return {"complete": 0, "failed": 1, "interrupted": 130}[self.state]


def sweep(
    arguments: list[str],
    *,
    config_dir: str | None = None,
    config_name: str = PRIMARY,
    say: Say | None = None,
    work: Work = train,
) -> SweepResult:
    """Run a sweep, or what is missing of it.

    arguments    overrides in Hydra's grammar, sweeps among them: ["cell=elman,lstm", "seed=0,1"]
    config_dir   a folder of the user's own recipes, as in ``compose``
    config_name  the config with the defaults list, as in ``compose``
    say          takes the lines that tell how far it is (default: the log ``rnnlab.sweep``)
    work         what trains one run

    Raises RequestError, with nothing created, where any combination is impossible; WorkError where
    workers cannot be started. A run that fails does not raise: see ``SweepResult``.
    """
    say = say or logging.getLogger("rnnlab.sweep").info
    drafted = draft(arguments, Place(config_dir, config_name))
    check_free(drafted)
    tracking = registry.build("tracking", drafted.experiment.tracking)
    tracking.store_factory()  # an impossible URI is refused here, before any folder is made
    with ExitStack() as stack:
        plan, pool = _composed_while_starting(drafted, work, stack)
        folder = stack.enter_context(held(plan))
        log = stack.enter_context(RunLog(folder))
        _start_log(log, plan)
        sender = tracking.sender([folder])
        try:
            session = Session(plan, _ended_earlier(plan), folder, sender, say)
            _work_off(session, pool, work, stack)
            return _conclude(session, folder, log)
        except BaseException:
            log.finish(Status.KILLED)
            raise
        finally:
            _deliver(sender, drafted, say)


def _composed_while_starting(drafted: Draft, work: Work, stack: ExitStack) -> tuple[Plan, Pool | None]:
    """Compose and check all trials while the workers start: both take seconds.

    Ray must be started by the main thread, so composing has the other one. A sweep that came to its
    end before probably needs no workers: then they are not started yet.
    """
    ended_before = (sweep_folder(drafted.id).path / RESULT).exists()
    with ThreadPoolExecutor(1, thread_name_prefix="composing") as helper:
        composing = helper.submit(_checked_plan, drafted)
        pool = None if ended_before else open_pool(drafted.config.workers, work, stack, this_machine)
        return composing.result(), pool


def _checked_plan(drafted: Draft) -> Plan:
    plan = complete(drafted)
    check_total(plan)
    prepare_data(plan)
    return plan


def _ended_earlier(plan: Plan) -> dict[str, Outcome]:
    """The runs that have a result already."""
    found: dict[str, Outcome] = {}
    for run in plan.runs:
        ended = outcome(RunFolder(runs_root() / run.id))
        if ended is not None:
            found[run.id] = ended
    return found


def _work_off(session: Session, pool: Pool | None, work: Work, stack: ExitStack) -> None:
    draft = session.plan.draft
    if not session.scheduler.done and pool is None:
        pool = open_pool(draft.config.workers, work, stack, this_machine)
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
    }
    tags = {"rnnlab.sweep": draft.id, "rnnlab.state": "running"}
    log.start(f"sweep over {', '.join(searched)}", draft.experiment.tracking.experiment, params, tags)


def _conclude(session: Session, folder: RunFolder, log: RunLog) -> SweepResult:
    """The table, in the sweep's folder and on the parent run, and what the sweep came to."""
    plan, outcomes = session.plan, session.outcomes
    metric, seeds = plan.draft.config.metric, plan.draft.seeds
    rows = summary.summarize(plan, outcomes)
    table = summary.as_dicts(rows, metric)
    commands = summary.commands(rows, seeds)
    write_atomically(folder.path / TABLE, summary.as_csv(table, commands))
    best = summary.best(rows)
    if len(outcomes) < len(plan.runs):
        state = "interrupted"
    else:
        state = "failed" if session.scheduler.progress.unsuccessful else "complete"
    counts = Counter(ended.state.value for ended in outcomes.values())
    result = SweepResult(
        sweep_id=folder.id,
        folder=str(folder.path),
        state=state,
        runs=len(plan.runs),
        counts=dict(sorted(counts.items())),
        metric=metric,
        table=table,
        command=commands[0] if best is not None else None,
    )
    if best is not None:
        log.metrics({metric: best.mean}, step=len(outcomes))
    log.file(TABLE)
    log.tags({"rnnlab.state": state})
    log.finish({"complete": Status.FINISHED, "failed": Status.FAILED, "interrupted": Status.KILLED}[state])
    if state != "interrupted":
        folder.write_json(RESULT, asdict(result))
    return result


def _deliver(sender: Sender | None, drafted: Draft, say: Say) -> None:
    """Wait, for as long as the tracking options allow, until the store has everything."""
    if sender is None:
        return
    left = sender.close(drafted.experiment.tracking.wait_seconds)
    if left:
        say(f"{left} lines did not reach the tracking store ({sender.trouble}); the same command sends them")
