"""The table of a sweep, against figures worked out by hand."""

from __future__ import annotations

import csv
import io
import math
from typing import Any

import pytest

from rnnlab.sweep import summary
from rnnlab.sweep.base import Direction, Sweep
from rnnlab.sweep.states import State
from rnnlab.sweep.trial import Trial, make_run
from rnnlab.sweep.work import Outcome

TRIALS = tuple(
    Trial(i, {"cell": cell}, (f"cell={cell}", "threads=1"), cell) for i, cell in enumerate(["elman", "lstm", "gru"])
)


def rows_of(values: dict[str, list[float | State]], **options: Any) -> list[summary.Row]:
    """The summary of three trials whose runs ended with these values, or in these states."""
    seeds = range(max(map(len, values.values())))
    runs = {trial.number: [make_run("01234567", trial, seed) for seed in seeds] for trial in TRIALS}
    outcomes = {}
    for run in (run for each in runs.values() for run in each):
        ended = values[run.trial.hash][run.seed]
        state = ended if isinstance(ended, State) else State.complete
        metrics = {} if isinstance(ended, State) else {"best/val_loss": float(ended), "parameters": 10.0}
        outcomes[run.id] = Outcome(state, metrics, 1.0)
    return summary.summarize(runs, outcomes, Sweep.Config(**options).objectives)


def test_the_interval_is_students_over_the_seeds() -> None:
    rows = rows_of({"elman": [1.0, 2.0, 3.0], "lstm": [0.5, 0.5, 0.5], "gru": [4.0, 4.0, 5.0]})
    assert [row.trial.hash for row in rows] == ["lstm", "elman", "gru"]
    elman = rows[1]
    assert elman.mean == 2.0
    # t(0.975, 2 degrees) = 4.3027 from the tables; standard error 1 / sqrt(3)
    assert elman.high - elman.mean == pytest.approx(4.3027 / math.sqrt(3), rel=1e-4)
    assert elman.mean - elman.low == pytest.approx(elman.high - elman.mean)


def test_one_seed_has_no_interval_and_a_trial_without_a_value_comes_last() -> None:
    rows = rows_of({"elman": [State.failed], "lstm": [2.0], "gru": [1.0]})
    assert [row.trial.hash for row in rows] == ["gru", "lstm", "elman"]
    table = summary.as_dicts(rows, "best/val_loss")
    assert table[0] == {
        "cell": "gru", "best/val_loss": 1.0, "low": None, "high": None, "runs": 1, "states": "1 complete"
    }  # fmt: skip
    assert table[2]["best/val_loss"] is None
    assert table[2]["states"] == "1 failed"


def test_the_direction_turns_the_order_round() -> None:
    rows = rows_of({"elman": [1.0], "lstm": [3.0], "gru": [2.0]}, direction=Direction.maximize)
    assert [row.trial.hash for row in rows] == ["lstm", "gru", "elman"]


def test_a_diverged_run_counts_for_its_state_and_not_for_the_mean() -> None:
    rows = rows_of({"elman": [1.0, State.diverged], "lstm": [3.0, 5.0], "gru": [State.lost, State.failed]})
    assert rows[0].mean == 1.0
    assert rows[0].states == {"complete": 1, "diverged": 1}


def test_without_any_value_there_is_no_best() -> None:
    rows = rows_of({"elman": [State.failed], "lstm": [State.failed], "gru": [State.lost]})
    assert summary.best(rows) is None


def test_the_csv_holds_full_precision_and_the_command_of_each_row() -> None:
    rows = rows_of({"elman": [1 / 3], "lstm": [2.0], "gru": [4.0]})
    table = summary.as_dicts(rows, "best/val_loss")
    written = summary.as_csv(table, summary.commands(rows, (0,))).decode()
    first = next(csv.DictReader(io.StringIO(written)))
    assert float(first["best/val_loss"]) == 1 / 3
    assert first["low"] == ""
    assert first["command"] == "rnnlab train cell=elman threads=1 seed=0"


def test_a_further_objective_is_a_column_of_means() -> None:
    rows = rows_of(
        {"elman": [1.0, 2.0], "lstm": [0.5, State.failed], "gru": [State.lost] * 2}, more_metrics=["parameters"]
    )
    table = summary.as_dicts(rows, "best/val_loss")
    assert [row["parameters"] for row in table] == [10.0, 10.0, None]


def test_a_run_that_has_not_ended_is_no_part_of_the_table() -> None:
    run = make_run("01234567", TRIALS[0], 0)
    (row,) = summary.summarize({0: [run]}, {}, Sweep.Config().objectives)
    assert (row.values, row.states) == ((), {})
