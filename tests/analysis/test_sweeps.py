"""A sweep as the reading side sees it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from rnnlab.analysis.sweeps import read_sweep
from rnnlab.errors import RequestError
from rnnlab.tracking.folder import RunFolder
from tests.report.made_up import MadeUpRun, small_sweep


def test_trials_best_first(tmp_path: Path) -> None:
    sweep = read_sweep(small_sweep().write(tmp_path, "abcd0000"))
    assert [(trial.title, trial.values) for trial in sweep.trials] == [
        ("cell=gru", (1.25, 1.35)),
        ("cell=lstm", (1.0, 2.0)),
    ]
    assert (sweep.state, sweep.missing, sweep.states, sweep.curve_key) == ("complete", 0, "4 complete", "val/loss")


def test_states_of_runs_that_have_not_ended(tmp_path: Path) -> None:
    first, second, third, fourth = small_sweep().runs
    runs = [first, dataclasses.replace(second, state=None), dataclasses.replace(third, state=None)]
    runs.append(dataclasses.replace(fourth, start=None))
    folder = small_sweep(runs=runs).write(tmp_path, "abcd0000")
    with RunFolder(tmp_path / "abcd0002").lock(), folder.lock():
        sweep = read_sweep(folder)
    assert [run.state for run in sweep.runs] == ["complete", "interrupted", "running", "waiting"]
    assert (sweep.state, sweep.missing) == ("running", 3)
    assert read_sweep(folder).state == "unfinished"


def test_only_complete_runs_have_a_value(tmp_path: Path) -> None:
    runs = [MadeUpRun({"cell": "gru"}, 0, 0.5, 0, 5, state="pruned"), *small_sweep().runs]
    sweep = read_sweep(small_sweep(runs=runs).write(tmp_path, "abcd0000"))
    assert sweep.trials[0].values == (1.25, 1.35)
    assert sweep.trials[0].states == "2 complete, 1 pruned"


def test_a_folder_of_something_else(tmp_path: Path) -> None:
    (tmp_path / "sweeps" / "abcd0000").mkdir(parents=True)
    with pytest.raises(RequestError, match=r"has no sweep\.json"):
        read_sweep(RunFolder(tmp_path / "sweeps" / "abcd0000"))
