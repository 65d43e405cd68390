"""The Pareto front, against the definition and by hand."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from rnnlab.analysis.front import dominates, pareto_front
from rnnlab.analysis.sweeps import read_sweep
from tests.report.made_up import MadeUpRun, MadeUpSweep

COSTS = st.lists(st.integers(0, 3), min_size=3, max_size=3)
TWO = [["best/val_loss", "minimize"], ["parameters", "minimize"]]


@given(COSTS, COSTS, COSTS)
def test_domination_is_a_strict_order(a: list[int], b: list[int], c: list[int]) -> None:
    assert not dominates(a, a)
    assert not (dominates(a, b) and dominates(b, a))
    assert dominates(a, c) or not (dominates(a, b) and dominates(b, c))


def sweep_of(values: dict[str, tuple[float, float]], objectives: list[list[str]]) -> MadeUpSweep:
    runs = [
        MadeUpRun({"cell": cell}, 0, loss, 0, 1, metrics={"parameters": size}) for cell, (loss, size) in values.items()
    ]
    return MadeUpSweep({"cell": list(values)}, runs, extra={"objectives": objectives})


def test_by_hand(tmp_path: Path) -> None:
    values = {"small": (3.0, 10), "good": (1.0, 50), "between": (2.0, 20), "beaten": (2.0, 30), "equal": (1.0, 50)}
    sweep = read_sweep(sweep_of(values, TWO).write(tmp_path, "abcd0000"))
    assert [trial.varied["cell"] for trial in pareto_front(sweep)] == ["good", "equal", "between", "small"]


def test_directions_count(tmp_path: Path) -> None:
    values = {"a": (3.0, 10), "b": (1.0, 50), "c": (2.0, 20)}
    maximized = [["best/val_loss", "minimize"], ["parameters", "maximize"]]
    sweep = read_sweep(sweep_of(values, maximized).write(tmp_path, "abcd0000"))
    assert [trial.varied["cell"] for trial in pareto_front(sweep)] == ["b"]


def test_trials_without_all_objectives_are_on_no_front(tmp_path: Path) -> None:
    runs = [
        MadeUpRun({"cell": "gru"}, 0, 1.0, 0, 1),
        MadeUpRun({"cell": "lstm"}, 0, 2.0, 0, 1, metrics={"parameters": 3}),
    ]
    made_up = MadeUpSweep({"cell": ["gru", "lstm"]}, runs, extra={"objectives": TWO})
    sweep = read_sweep(made_up.write(tmp_path, "abcd0000"))
    assert [trial.varied["cell"] for trial in pareto_front(sweep)] == ["lstm"]
    assert [trial.varied["cell"] for trial in sweep.ranked] == ["gru", "lstm"]
