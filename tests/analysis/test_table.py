"""Runs as rows, their groups, and the table as a file."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.analysis.statistics import mean_interval
from rnnlab.analysis.table import columns, group_rows, run_rows, to_csv, write_csv
from rnnlab.tracking.folder import RunFolder


def make_run(root: Path, id: str, cell: dict[str, Any], seed: int, loss: float | None) -> RunFolder:
    run = RunFolder.create(id, root=root)
    config = {"cell": cell, "bptt": {"window": 64}, "seed": seed, "threads": seed + 1, "run_name": id}
    (run.path / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    if loss is not None:
        run.write_json("result.json", {"state": "complete", "metrics": {"best/val_loss": loss}})
    return run


@pytest.fixture
def runs(tmp_path: Path) -> list[RunFolder]:
    lstm, elman = {"name": "lstm", "forget_bias": 1.0}, {"name": "elman"}
    return [
        make_run(tmp_path, "a", lstm, 0, 1.5),
        make_run(tmp_path, "b", lstm, 1, 1.7),
        make_run(tmp_path, "c", elman, 0, 2.5),
        make_run(tmp_path, "d", elman, 1, None),
    ]


def test_a_row_holds_what_varies_and_what_came_out(runs: list[RunFolder]) -> None:
    rows = run_rows(runs)
    assert rows[0] == {
        "run": "a",
        "state": "complete",
        "cell.name": "lstm",
        "cell.forget_bias": 1.0,
        "seed": 0,
        "best/val_loss": 1.5,
    }
    assert rows[3] == {"run": "d", "state": "unfinished", "cell.name": "elman", "seed": 1}
    assert columns(rows) == ["run", "state", "cell.name", "cell.forget_bias", "seed", "best/val_loss"]


def test_no_runs_no_rows() -> None:
    assert run_rows([]) == []
    assert to_csv([]) == "\n"


def test_groups_over_seeds(runs: list[RunFolder]) -> None:
    lstm, elman = group_rows(run_rows(runs), ["cell.name"], "best/val_loss")
    expected = mean_interval([1.5, 1.7])
    assert lstm == {"cell.name": "lstm", "runs": 2, "mean": 1.6, "low": expected.low, "high": expected.high}
    assert (elman["cell.name"], elman["runs"], elman["mean"]) == ("elman", 1, 2.5)
    assert math.isnan(elman["low"])


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)


@given(st.lists(st.fixed_dictionaries({"a": st.floats(allow_nan=False), "b": TEXT}), min_size=1, max_size=5))
def test_csv_keeps_every_digit_and_every_character(rows: list[dict[str, Any]]) -> None:
    back = list(csv.DictReader(io.StringIO(to_csv(rows), newline="")))
    assert [{"a": float(row["a"]), "b": row["b"]} for row in back] == rows


def test_a_missing_value_is_an_empty_field(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    write_csv(path, [{"a": 1}, {"b": 2}])
    assert path.read_text() == "a,b\n1,\n,2\n"
