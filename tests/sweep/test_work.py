"""One run in a worker: what it leaves, whatever happens to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from rnnlab.errors import RequestError, WorkError
from rnnlab.sweep.states import State
from rnnlab.sweep.work import Assignment, Reporter, Work, outcome, perform, run_folder, wait_for_lock
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import read_log

ASSIGNMENT = Assignment(
    "0123abcd", "cell=lstm seed=0", ("cell=lstm", "seed=0"), {"cell": "lstm"}, "feedbeef", "x", "val/loss"
)


class Answers:
    """A channel that always gives the same answer."""

    def __init__(self, answer: str = "continue") -> None:
        self.answer = answer

    def heartbeat(self) -> str:
        return self.answer

    def report(self, place: int, value: float) -> str:
        return self.answer


def test_a_finished_run_is_not_done_again(make_work: Callable[..., Work], workspace: Path) -> None:
    first = perform(ASSIGNMENT, Answers(), make_work())
    again = perform(ASSIGNMENT, Answers(), make_work())
    assert first == again
    assert first.state is State.complete
    assert (workspace / "starts.txt").read_text() == "0123abcd\n"


def test_an_exception_is_kept_with_its_traceback_and_told_to_the_store(make_work: Callable[..., Work]) -> None:
    def fails(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        raise ZeroDivisionError("nothing to divide by\nand more lines")

    ended = perform(ASSIGNMENT, Answers(), make_work(fails))
    assert (ended.state, ended.message) == (State.failed, "ZeroDivisionError: nothing to divide by")
    folder = run_folder("0123abcd")
    result = folder.result()
    assert result is not None
    assert "ZeroDivisionError" in result["traceback"]
    assert ended.trace == result["traceback"]
    assert outcome(folder) == replace(ended, trace=None)
    start, *_, finish = read_log(folder)
    assert (start["parent"], start["params"]) == ("feedbeef", {"cell": "lstm"})
    assert finish["status"] == "FAILED"


def test_a_run_that_was_told_to_stop_can_go_on(make_work: Callable[..., Work]) -> None:
    def listens(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> bool:
        return reporter.heartbeat(1) == "continue"

    assert perform(ASSIGNMENT, Answers("stop"), make_work(listens)).state is State.interrupted
    assert run_folder("0123abcd").result() is None
    assert perform(ASSIGNMENT, Answers(), make_work(listens)).state is State.complete


def test_a_run_without_a_result_has_failed(make_work: Callable[..., Work]) -> None:
    ended = perform(ASSIGNMENT, Answers(), make_work(lambda *_: False))
    assert (ended.state, ended.message) == (State.failed, "the run ended without a result")


def test_a_run_that_another_process_finishes_meanwhile_is_waited_for(
    make_work: Callable[..., Work], finish: Callable[[RunFolder, float], None]
) -> None:
    folder, locked, let_go = run_folder("0123abcd"), threading.Event(), threading.Event()

    def other() -> None:
        with folder.lock():
            locked.set()
            let_go.wait(10)
            finish(folder, 0.5)

    thread = threading.Thread(target=other)
    thread.start()
    locked.wait(10)
    threading.Timer(0.3, let_go.set).start()
    ended = perform(ASSIGNMENT, Answers(), make_work())
    thread.join()
    assert ended.metrics == {"best/val_loss": 0.5}


def test_a_folder_that_driver_and_worker_make_at_once_is_one(workspace: Path) -> None:
    with ThreadPoolExecutor(8) as makers:
        for number in range(50):
            assert len(set(makers.map(run_folder, [f"{number:08x}"] * 8))) == 1


def test_a_folder_that_cannot_be_made_is_said(workspace: Path) -> None:
    (workspace / "runs").write_text("a file stands where the folder should be")
    assert perform(ASSIGNMENT, Answers()).message.endswith("set RNNLAB_RUNS")


def test_a_run_that_stays_held_is_named(workspace: Path) -> None:
    folder = run_folder("0123abcd")
    with folder.lock(), pytest.raises(RequestError, match="is being written by process"):
        wait_for_lock(folder, patience=0.2)


def test_a_held_run_is_a_failure_that_touches_nothing(make_work: Callable[..., Work]) -> None:
    folder = run_folder("0123abcd")
    with folder.lock():
        ended = perform(ASSIGNMENT, Answers(), make_work(), patience=0.1)
    assert ended.state is State.failed
    assert "is being written" in ended.message
    assert folder.result() is None


def test_a_result_of_an_unknown_state_is_refused(workspace: Path) -> None:
    folder = run_folder("0123abcd")
    folder.write_json("result.json", {"state": "perfect"})
    with pytest.raises(WorkError, match="its state is none of complete"):
        outcome(folder)
