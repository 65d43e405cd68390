"""``rnnlab compare A B``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.tracking.folder import RunFolder


@pytest.fixture
def runs(workspace: Path) -> list[RunFolder]:
    made = []
    for id, cell, loss in (("aaaa0000", "lstm", 1.5), ("bbbb0000", "gru", 1.25)):
        run = RunFolder.create(id)
        (run.path / "config.yaml").write_text(f"cell: {{name: {cell}}}\nseed: 0\nrun_name: {cell} run\n")
        run.write_json("environment.json", {"created": f"2026-01-0{len(made) + 1}T00:00:00+00:00", "threads": 1})
        run.write_json("result.json", {"weights_sha256": cell, "metrics": {"best/val_loss": loss}})
        made.append(run)
    return made


def test_differences_as_an_object(runs: list[RunFolder], cli: Callable[..., Any]) -> None:
    answer = cli("compare", "aaaa", "best", "--json")
    assert answer.exit_code == 0
    assert answer.data == {
        "a": "aaaa0000",
        "b": "bbbb0000",
        "configuration": {"cell.name": ["lstm", "gru"], "run_name": ["lstm run", "gru run"]},
        "environment": {},
        "results": {"weights_sha256": ["lstm", "gru"], "metrics.best/val_loss": [1.5, 1.25]},
        "same_weights": False,
    }


def test_differences_for_people(runs: list[RunFolder], cli: Callable[..., Any]) -> None:
    answer = cli("compare", "lstm run", "last")
    assert answer.exit_code == 0
    assert "cell.name" in answer.stdout
    assert "environment: no difference" in answer.stdout
    assert "weights: not the same" in answer.stdout
    assert "weights: the same to the bit" in cli("compare", "last", "last").stdout


def test_no_such_run(runs: list[RunFolder], cli: Callable[..., Any]) -> None:
    answer = cli("compare", "aaaa", "cccc")
    assert answer.exit_code == 2
    assert "no such run" in answer.stderr
    assert answer.stderr.count("\n") == 1
