"""The best so far, trial by trial."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from rnnlab.analysis.search import history
from rnnlab.analysis.sweeps import read_sweep
from tests.report.made_up import MadeUpRun, search_sweep, small_sweep


def test_a_trial_counts_when_its_last_run_has_ended(tmp_path: Path) -> None:
    runs = list(small_sweep().runs)
    runs[2] = dataclasses.replace(runs[2], end=19)
    found = history(read_sweep(small_sweep(runs=runs).write(tmp_path, "abcd0000")))
    assert [(m.trial.title, m.place, m.value, m.best) for m in found] == [
        ("cell=lstm", 1, 1.5, 1.5),
        ("cell=gru", 2, 1.3, 1.3),
    ]
    # A made-up run trains for nine tenths of its time: lstm ran 10 + 9 seconds, gru 8 + 12.
    assert [m.spent for m in found] == pytest.approx([0.9 * 19, 0.9 * 39])


def test_pruned_trials_are_counted_and_paid_for(tmp_path: Path) -> None:
    runs = [
        MadeUpRun({"cell": "gru"}, 0, 0.1, 0, 10, state="pruned"),
        MadeUpRun({"cell": "lstm"}, 0, 2.0, 10, 30),
        MadeUpRun({"cell": "elman"}, 0, 3.0, 30, 40),
        MadeUpRun({"cell": "mgu"}, 0, None, 40, 50, state=None),
    ]
    found = history(read_sweep(small_sweep(runs=runs).write(tmp_path, "abcd0000")))
    assert [(m.place, m.value, m.best) for m in found] == [(1, None, None), (2, 2.0, 2.0), (3, 3.0, 2.0)]
    assert [m.spent for m in found] == pytest.approx([9, 27, 36])


def test_the_best_never_gets_worse(tmp_path: Path) -> None:
    for direction, better in (("minimize", min), ("maximize", max)):
        sweep = dataclasses.replace(search_sweep(trials=30, pruned=10), direction=direction)
        found = history(read_sweep(sweep.write(tmp_path / direction, "abcd0000")))
        bests = [m.best for m in found if m.best is not None]
        assert len(found) == 30
        assert bests == [better(bests[: place + 1]) for place in range(len(bests))]
        assert bests[-1] == better(m.value for m in found if m.value is not None)
