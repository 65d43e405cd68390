"""Which parameter mattered."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from rnnlab.analysis.importance import importance
from rnnlab.analysis.sweeps import read_sweep
from tests.report.made_up import MadeUpSweep, large_sweep, search_sweep, small_sweep


def found(sweep: MadeUpSweep, root: Path) -> dict[str, float] | str:
    return importance(read_sweep(sweep.write(root, "abcd0000")))


def test_it_finds_what_matters(tmp_path: Path) -> None:
    shares = found(large_sweep(trials=60, seeds=1), tmp_path)
    assert isinstance(shares, dict)
    assert sum(shares.values()) == pytest.approx(1)
    assert max(shares, key=lambda key: shares[key]) == "optimizer.lr"
    assert min(shares, key=lambda key: shares[key]) == "stack.dropout"


def test_pruned_trials_and_parameters_of_some_trials_take_part(tmp_path: Path) -> None:
    shares = found(search_sweep(trials=60, pruned=40), tmp_path)
    assert isinstance(shares, dict) and set(shares) > {"optimizer.lr", "cell.beta"}
    assert sum(shares.values()) == pytest.approx(1)


def test_it_says_why_not(tmp_path: Path) -> None:
    assert "at least 8 trials" in str(found(small_sweep(), tmp_path / "few"))
    assert "2 of them with a value (there: 0)" in str(found(search_sweep(trials=12, pruned=12), tmp_path / "pruned"))
    equal = [dataclasses.replace(run, value=1.0) for run in large_sweep(trials=9, seeds=1).runs]
    flat = dataclasses.replace(large_sweep(trials=9, seeds=1), runs=equal)
    assert "same value" in str(found(flat, tmp_path / "flat"))
