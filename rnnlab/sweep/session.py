"""One sitting of a sweep: runs are handed to slots until all have ended, or until somebody says stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from rnnlab.errors import RequestError, did_you_mean
from rnnlab.sweep.base import Direction
from rnnlab.sweep.folder import is_asked_to_stop
from rnnlab.sweep.plan import Plan
from rnnlab.sweep.pools import Ended, Pool
from rnnlab.sweep.scheduler import Scheduler, State
from rnnlab.sweep.trial import Run
from rnnlab.sweep.work import Assignment, Outcome, record_end, run_folder
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.sender import Sender

POLL_SECONDS = 0.5


class Session:
    """Stands between the scheduler, which decides, and a pool, which acts.

    outcomes  what each run came to that has ended, in this session or in an earlier one
    say       takes one line for each run that ends
    """

    def __init__(
        self,
        plan: Plan,
        outcomes: dict[str, Outcome],
        folder: RunFolder,
        sender: Sender | None,
        say: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.plan = plan
        self.outcomes = outcomes
        self.was_stopped = False
        self._interrupted = False
        self._folder, self._sender, self._say, self._clock = folder, sender, say, clock
        self._runs = {run.id: run for run in plan.runs}
        self._metric = plan.draft.config.metric
        for outcome in outcomes.values():
            self._check_metric(outcome)
        ended = [(run_id, o.state, o.metrics.get(self._metric)) for run_id, o in outcomes.items()]
        minimize = plan.draft.config.direction is Direction.minimize
        self.scheduler = Scheduler(plan.runs, minimize=minimize, ended=ended)
        self._ended_before = len(ended)
        self._first_start: float | None = None
        self._follow(run_id for run_id in outcomes)

    def work_off(self, pool: Pool) -> None:
        """Run everything that has not ended. Returns early, with nothing running, after an interruption."""
        while not self.scheduler.done:
            self._heed()
            for slot in pool.idle():
                run = self.scheduler.next_run(slot)
                if run is None:
                    break
                self._first_start = self._first_start or self._clock()
                self._follow([run.id])
                pool.start(slot, self.assignment(run))
            for ended in pool.wait(POLL_SECONDS, self):
                self._take(ended)

    def announce(self, slots: int) -> None:
        """Say what there is to do: trials, seeds, runs, slots."""
        plan, progress = self.plan, self.scheduler.progress
        combined = plan.combinations - len(plan.trials)
        same = f" ({combined} combinations are left out or equal to others)" if combined else ""
        todo = f"{progress.waiting} to run on {slots} slot{'s' * (slots != 1)}" if slots else "none to run"
        self._say(
            f"sweep {plan.draft.id}: {len(plan.trials)} trials{same} x {len(plan.draft.seeds)} seeds"
            f" = {progress.total} runs, {progress.ended} ended before, {todo}"
        )

    def interrupt(self) -> None:
        """For a signal handler: start nothing more, and let what runs end at a chunk's end, resumable.

        KeyboardInterrupt where that was asked for before: then it shall end at once.
        """
        if self._interrupted:
            raise KeyboardInterrupt
        self._interrupted = True

    def heartbeat(self, run_id: str) -> str:
        """For the pool: whether this run shall go on."""
        self._heed()
        return self.scheduler.heartbeat(self._runs[run_id]).value

    def report(self, run_id: str, place: int, value: float) -> str:
        """For the pool: what this run said, and whether it shall go on."""
        return self.scheduler.report(self._runs[run_id], place, value).value

    def assignment(self, run: Run) -> Assignment:
        """What a worker has to know of a run."""
        draft = self.plan.draft
        collection = draft.experiment.tracking.experiment
        overrides = tuple(run.overrides)
        if not any(word.startswith("trainer.final=") for word in overrides):
            overrides += ("trainer.final=false",)  # trials are chosen by validation; the test part is not for that
        return Assignment(
            run.id, run.title, overrides, run.trial.varied, draft.id, collection, self._metric, None, draft.place
        )

    def _heed(self) -> None:
        """Stop, if a signal or ``rnnlab stop`` has asked for it."""
        if self.was_stopped or not (self._interrupted or is_asked_to_stop(self._folder)):
            return
        self._say("stopping: what runs ends at a checkpoint; the same command goes on")
        self.was_stopped = True
        self.scheduler.stop()

    def _take(self, ended: Ended) -> None:
        run = self._runs[ended.run_id]
        outcome = ended.outcome
        if outcome is None:
            if self.scheduler.lost(run):
                self._say(f"{run.id}  {run.title}  lost ({ended.reason}); it will go on from its checkpoint")
                return
            outcome = Outcome(State.lost, {}, 0.0, ended.reason)
            record_end(run_folder(run.id), self.assignment(run), State.lost, ended.reason)
        else:
            self._check_metric(outcome)
            self.scheduler.finished(run, outcome.state, outcome.metrics.get(self._metric))
        if outcome.state is not State.interrupted:
            self.outcomes[run.id] = outcome
        self._say(self._line(run, outcome))

    def _line(self, run: Run, outcome: Outcome) -> str:
        progress = self.scheduler.progress
        value = outcome.metrics.get(self._metric)
        figure = f"{self._metric} {value:.4f}" if value is not None else outcome.message
        seconds = self._seconds_left(progress.ended, progress.total)
        left = f", about {duration(seconds)} left" if seconds else ""
        count = f"[{progress.ended}/{progress.total}{left}]"
        return f"{count} {run.id}  {run.title}  {outcome.state.value}  {figure}".rstrip()

    def _seconds_left(self, ended: int, total: int) -> float:
        """At the pace of this session so far; the start of the workers is not counted."""
        here = ended - self._ended_before
        if here == 0 or self._first_start is None:
            return 0.0
        return (self._clock() - self._first_start) / here * (total - ended)

    def _check_metric(self, outcome: Outcome) -> None:
        if outcome.state is State.complete and self._metric not in outcome.metrics:
            names = sorted(outcome.metrics)
            raise RequestError(
                f"sweep.metric = {self._metric!r}: runs have no such figure; there are {', '.join(names)}"
                f"{did_you_mean(self._metric, names)}"
            )

    def _follow(self, run_ids: Iterator[str] | list[str]) -> None:
        """Have the logs of these runs delivered."""
        if self._sender is not None:
            for run_id in run_ids:
                self._sender.add(run_folder(run_id))


def duration(seconds: float) -> str:
    """``2 h 05 min``, ``3 min``, ``40 s``."""
    minutes = round(seconds / 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min" if seconds >= 90 else f"{max(1, round(seconds))} s"


@contextmanager
def stopping_on_signals(session: Session) -> Iterator[None]:
    """Ctrl-C or SIGTERM once: the session stops in good order; twice: KeyboardInterrupt, at once."""

    def hear(number: int, frame: FrameType | None) -> None:
        session.interrupt()

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
