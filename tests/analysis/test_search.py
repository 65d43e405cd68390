"""The best so far, and which parameter mattered."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from rnnlab.analysis.search import history, importance
from rnnlab.analysis.sweeps import read_sweep
from tests.report.made_up import BEGIN, large_sweep, small_sweep


def test_history_is_in_the_order_of_the_ends(tmp_path: Path) -> None:
    sweep = read_sweep(small_sweep().write(tmp_path, "abcd0000"))
    found = [(m.seconds, m.value, m.best) for m in history(sweep)]
    assert found == [(8, 1.25, 1.25), (10, 1.0, 1.0), (20, 2.0, 1.0), (20, 1.35, 1.0)]
    assert min(span.start for span in sweep.spans) == BEGIN


def test_importance_finds_what_matters(tmp_path: Path) -> None:
    found = importance(read_sweep(large_sweep(trials=60, seeds=1).write(tmp_path, "abcd0000")))
    assert isinstance(found, dict)
    assert sum(found.values()) == pytest.approx(1)
    assert max(found, key=lambda key: found[key]) == "optimizer.lr"
    assert min(found, key=lambda key: found[key]) == "stack.dropout"


def test_importance_says_why_not(tmp_path: Path) -> None:
    few = read_sweep(small_sweep().write(tmp_path, "abcd0000"))
    assert "at least 8 trials" in str(importance(few))
    equal = [dataclasses.replace(run, value=1.0) for run in large_sweep(trials=9, seeds=1).runs]
    flat = dataclasses.replace(large_sweep(trials=9, seeds=1), runs=equal).write(tmp_path, "bbcd0000")
    assert "same value" in str(importance(read_sweep(flat)))
