"""`rnnlab evaluate`: a trained run on a whole split, whatever its task; its tables agree with its figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.statistics import wilson_interval
from tests.conftest import Answer

Cli = Callable[..., Answer]
SHORT = [
    "cell=gru", "cell.hidden_size=8", "tracking.store=none", "threads=1", "trainer.max_steps=30",
    "trainer.val_every=10", "optimizer.lr=0.01",
]  # fmt: skip
DRAWN = ["data.examples=200", "data.held_out=150"]
KINDS = {
    "classification": ["data=linear_or_random", "embedding=none", *DRAWN],
    "sequence_labelling": ["data=recall", "embedding=one_hot", "data.length=8", "data.pairs=2", *DRAWN],
    "regression": ["data=adding", "embedding=none", "data.length=6", *DRAWN],
}


def trained(cli: Cli, *overrides: str) -> str:
    answer = cli("train", *SHORT, *overrides, "--json")
    assert answer.exit_code == 0, answer.stderr
    return str(answer.data["run_id"])


def rows_of(folder: Path, file: str) -> list[dict[str, str]]:
    with (folder / file).open() as opened:
        return list(csv.DictReader(opened))


@pytest.mark.parametrize("task", KINDS)
def test_it_finds_what_the_run_found(task: str, cli: Cli, workspace: Path) -> None:
    run_id = trained(cli, f"task={task}", *KINDS[task])
    folder = workspace / "runs" / run_id
    recorded: dict[str, Any] = cli("evaluate", run_id, "--json").data
    result = json.loads((folder / "result.json").read_text())["metrics"]
    for name, value in recorded["figures"].items():
        assert value == pytest.approx(result[f"test/{name}"], rel=1e-6)
    assert {file.split("/")[-1] for file in recorded["files"]} >= {"test.html"}
    assert all((folder / file).stat().st_size for file in recorded["files"])
    page = (folder / "evaluation" / "test.html").read_text(encoding="utf-8")
    assert page.count("<svg") >= 1 and "http://" not in page and "<script" not in page


def test_classes_in_tables(cli: Cli, workspace: Path) -> None:
    run_id = trained(cli, "task=classification", *KINDS["classification"])
    told = cli("evaluate", run_id, "--split", "val", "--json").data
    folder = workspace / "runs" / run_id
    counts = rows_of(folder, "tables/evaluation/val/confusion.csv")
    assert [row["true"] for row in counts] == ["linear", "random"]
    right = sum(int(row[row["true"]]) for row in counts)
    total = sum(int(row[name]) for row in counts for name in ("linear", "random"))
    assert total == told["items"] == 150
    interval = wilson_interval(right, total)
    assert told["figures"]["accuracy"] == pytest.approx(interval.estimate)
    assert told["intervals"]["accuracy"] == pytest.approx([interval.low, interval.high])
    lengths = rows_of(folder, "tables/evaluation/val/length.csv")
    assert sum(int(row["items"]) for row in lengths) == 150
    shown = cli("evaluate", run_id).stdout
    assert "95 % interval" in shown and "linear" in shown


def test_a_stream_has_figures_alone(cli: Cli, workspace: Path) -> None:
    text = workspace / "notes.txt"
    text.write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(90)))
    run_id = trained(cli, "data=text", f"data.path={text}", "bptt.window=8", "data.batch_size=2", "data.val_rows=1")
    told = cli("evaluate", run_id, "--json").data
    assert told["tables"] == {} and told["files"] == ["evaluation/test.html"]
    assert told["intervals"] == {"loss": [None, None]}  # one window alone has none
    assert set(told["figures"]) == {"loss", "bits_per_char"}


def test_a_forecast_stands_beside_the_naive_one(cli: Cli, workspace: Path) -> None:
    pytest.importorskip("statsmodels")
    run_id = trained(cli, "data=sunspots", "task=forecasting", "embedding=none")
    told = cli("evaluate", run_id, "--json").data
    assert set(told["rivals"]) == {"naive/loss", "seasonal_naive/loss"}
    result = json.loads((workspace / "runs" / run_id / "result.json").read_text())["metrics"]
    assert told["rivals"]["seasonal_naive/loss"] == result["baseline/seasonal_naive/test/loss"]
    forecasts = rows_of(workspace / "runs" / run_id, "tables/evaluation/test/forecasts.csv")
    squared = [(float(row["said"]) - float(row["true"])) ** 2 for row in forecasts]
    assert sum(squared) / len(squared) == pytest.approx(told["figures"]["loss"], rel=1e-4)


def test_what_cannot_be_evaluated(cli: Cli, workspace: Path) -> None:
    text = workspace / "notes.txt"
    text.write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(90)))
    words = ["data=text", f"data.path={text}", "bptt.window=8", "data.batch_size=2", "data.val_rows=1"]
    run_id = trained(cli, *words)
    text.write_text(text.read_text().replace("green", "blue"))
    refused = cli("evaluate", run_id)
    assert refused.exit_code == 2 and "its data has changed since" in refused.stderr
    assert not (workspace / "runs" / run_id / "evaluation").exists()
    assert cli("evaluate", "nothing").exit_code == 2
