"""What a worker does with one run: train it, or say in the run's folder why that did not work.

Nothing here knows Ray; the same code runs inline. ``result.json`` is the one truth that a run is
done: it is looked for before the work, and whatever the work came to is read from it afterwards.
"""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from rnnlab.errors import RequestError, WorkError
from rnnlab.sweep.base import PLACES
from rnnlab.sweep.memory import is_out_of_memory, limited
from rnnlab.sweep.place import Place
from rnnlab.sweep.states import State
from rnnlab.tracking.folder import RESULT, RunFolder, runs_root
from rnnlab.tracking.log import RunLog, Status

LOCK_PATIENCE = 15.0
"""Seconds to wait for the worker of a killed driver: it outlives its driver by a second or two."""


@dataclass(frozen=True, slots=True)
class Assignment:
    """All that a worker is told.

    title       what tells the run from others, for people
    overrides   what ``rnnlab train`` would be given for this run alone
    params      what the tracking store shows as parameters: what varies in the sweep
    parent      the id of the sweep
    collection  the name under which the tracking store collects runs
    metric      what runs are compared by, reported on the way where it is measured there
    memory_gb   GiB that the run may take; None for no limit
    place       where configurations are composed from
    """

    run_id: str
    title: str
    overrides: tuple[str, ...]
    params: dict[str, str]
    parent: str
    collection: str
    metric: str
    memory_gb: float | None = None
    place: Place = Place()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to. message: one line on why it ended early, or empty. trace: of an exception, or None."""

    state: State
    metrics: dict[str, float]
    seconds: float
    message: str = ""
    trace: str | None = None


class Reporter(Protocol):
    """How a run tells how it does (``rnnlab.training.supervisor.Reporter``); answers: continue, stop, prune."""

    def heartbeat(self, step: int) -> str: ...

    def report(self, share: float, figures: dict[str, float]) -> str: ...


class Channel(Protocol):
    """A slot's line to the scheduler; the answers are the same, and a run waits for none of them.

    report  the sweep's metric at a place of the budget, 1 to ``PLACES``
    """

    def heartbeat(self) -> str: ...

    def report(self, place: int, value: float) -> str: ...


Work = Callable[[Assignment, RunFolder, Reporter], object]
"""Trains a run in its folder and leaves ``result.json`` there, unless it was told to stop."""


def train(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
    """Exactly ``rnnlab train <overrides>``, except that the driver delivers the run's log."""
    import rnnlab.train
    from rnnlab.training.record import Labels

    composed = assignment.place.compose(assignment.overrides)
    rnnlab.train.run(
        composed.experiment,
        composed.overrides,
        folder=folder,
        labels=Labels(assignment.title, assignment.params, assignment.parent),
        reporter=reporter,
        deliver=False,
    )


def perform(assignment: Assignment, channel: Channel, work: Work = train, patience: float = LOCK_PATIENCE) -> Outcome:
    """Bring one run to its end, or, where the channel says stop, to the end of a chunk.

    What goes wrong in the run is recorded in its folder and returned; the other runs go on. A folder
    that cannot be written (another process holds it, a full disk) is returned as a failure alone, and so
    is a want of memory: it is not the end of the run where there is more room to be had.
    """
    try:
        folder = run_folder(assignment.run_id)
        wait_for_lock(folder, patience)
        return outcome(folder) or _work_in(folder, assignment, _Listener(channel, assignment.metric), work)
    except (RequestError, WorkError) as error:
        return Outcome(State.failed, {}, 0.0, _one_line(error))


def _work_in(folder: RunFolder, assignment: Assignment, listener: _Listener, work: Work) -> Outcome:
    failure = Outcome(State.failed, {}, 0.0, "the run ended without a result")
    try:
        with limited(assignment.memory_gb):
            work(assignment, folder, listener)
    except Exception as raised:
        failure = _failure(raised, assignment.memory_gb)
    if (done := outcome(folder)) is not None:
        return done
    if failure.trace is None and listener.was_stopped:
        return Outcome(State.interrupted, {}, 0.0)
    if failure.state is State.failed:
        record_end(folder, assignment, failure)
    return failure


def run_folder(run_id: str) -> RunFolder:
    """The folder of a sweep's run, made if it is not there: driver and worker may both come first.

    RequestError where it cannot be made.
    """
    path = runs_root() / run_id
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"{path}: no run can be written there: {error.strerror}; set RNNLAB_RUNS") from error
    return RunFolder(path)


def wait_for_lock(folder: RunFolder, patience: float) -> None:
    """Return when nobody writes this run any more. RequestError naming the holder after ``patience`` s."""
    deadline = time.monotonic() + patience
    while folder.is_locked() and time.monotonic() < deadline:
        time.sleep(0.1)
    with folder.lock():
        pass


def outcome(folder: RunFolder) -> Outcome | None:
    """What ``result.json`` says; None while the run is not done. WorkError for one of unknown state."""
    result = folder.result()
    if result is None:
        return None
    try:
        state = State(result["state"])
    except (KeyError, ValueError) as error:
        possible = ", ".join(state.value for state in State)
        raise WorkError(f"{folder.path / RESULT}: its state is none of {possible}") from error
    return Outcome(state, result["metrics"], result["seconds"], result["message"])


def record_end(folder: RunFolder, assignment: Assignment, failure: Outcome) -> None:
    """Write down that a run will not be tried again: in its log for the store, then in ``result.json``."""
    with folder.lock(), RunLog(folder) as log:
        log.start(assignment.title, assignment.collection, assignment.params, {}, assignment.parent)
        log.tags({"rnnlab.state": failure.state.value, "rnnlab.error": failure.message})
        log.finish(Status.FAILED)
        result: dict[str, Any] = {
            "run_id": folder.id,
            "state": failure.state.value,
            "metrics": {},
            "seconds": 0.0,
            "message": failure.message,
            "traceback": failure.trace,
            "overrides": list(assignment.overrides),
        }
        folder.write_json(RESULT, result)


class _Listener:
    """A run's Reporter: passes the sweep's metric on, once for each place of the budget."""

    def __init__(self, channel: Channel, metric: str) -> None:
        self._channel = channel
        self._metric = metric
        self._place = 0
        self.was_stopped = False

    def heartbeat(self, step: int) -> str:
        return self._heard(self._channel.heartbeat())

    def report(self, share: float, figures: dict[str, float]) -> str:
        place = int(share * PLACES + 1e-9)
        if place == self._place or not math.isfinite(figures.get(self._metric, math.nan)):
            return "continue"
        self._place = place
        return self._heard(self._channel.report(place, figures[self._metric]))

    def _heard(self, answer: str) -> str:
        self.was_stopped |= answer == "stop"
        return answer


def _failure(error: Exception, memory_gb: float | None) -> Outcome:
    """What an exception makes of a run."""
    line, trace = _one_line(error), traceback.format_exc()
    if not is_out_of_memory(error):
        return Outcome(State.failed, {}, 0.0, line, trace)
    limit = "" if memory_gb is None else f" (the run may take {memory_gb:g} GiB: sweep.workers.memory_gb)"
    return Outcome(State.out_of_memory, {}, 0.0, line + limit, trace)


def _one_line(error: Exception) -> str:
    first = (str(error).splitlines() or [""])[0]
    if isinstance(error, RequestError | WorkError):
        return first
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
