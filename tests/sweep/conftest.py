"""A stand-in for training: quick, deterministic, and it leaves behind what a real run leaves."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.sweep.work import Assignment, Reporter, Work
from rnnlab.tracking.folder import RunFolder

SPACE = ["cell=elman,lstm,gru", "seed=0,1", "data=hello", "bptt.window=4", "tracking.store=none"]
"""Three trials with two seeds each."""


Finish = Callable[[RunFolder, float], None]


@pytest.fixture
def finish() -> Finish:
    """Leaves what a complete run leaves."""

    def write(folder: RunFolder, value: float) -> None:
        metrics = {"best/val_loss": value}
        result = {"run_id": folder.id, "state": "complete", "metrics": metrics, "seconds": 1.0, "message": ""}
        folder.write_json("result.json", result)

    return write


@pytest.fixture
def space() -> list[str]:
    return list(SPACE)


@pytest.fixture
def make_work(workspace: Path, finish: Finish) -> Callable[..., Work]:
    """``make_work(before)`` gives a stand-in that calls ``before(assignment, folder, reporter)`` first.

    A value of False from it leaves the run without a result. Every start and every end is one line of
    starts.txt and ends.txt in the workspace, whichever process it happens in.
    """

    def make(before: Callable[[Assignment, RunFolder, Reporter], object] | None = None) -> Work:
        starts, ends = workspace / "starts.txt", workspace / "ends.txt"

        def work(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
            with folder.lock():
                with open(starts, "a", encoding="utf-8") as file:
                    file.write(folder.id + "\n")
                if before is not None and before(assignment, folder, reporter) is False:
                    return
                with open(ends, "a", encoding="utf-8") as file:
                    file.write(folder.id + "\n")
                finish(folder, int(folder.id, 16) / 16**8)

        return work

    return make
