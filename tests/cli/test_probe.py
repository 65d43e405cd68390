"""`rnnlab probe`: a look into a run that is there, as it began, at its best, and at its end."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import Answer

Cli = Callable[..., Answer]
SMALL = [
    "data=text", "bptt.window=8", "cell.hidden_size=6", "embedding.size=4", "data.batch_size=2", "data.val_rows=1",
    "tracking.store=none", "threads=1", "trainer.max_steps=12", "trainer.val_every=5", "trainer.final=false",
]  # fmt: skip


@pytest.fixture
def trained(cli: Cli, workspace: Path) -> Callable[..., str]:
    text = workspace / "notes.txt"
    text.write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(60))[:900])

    def train(*overrides: str) -> str:
        answer = cli("train", *SMALL, f"data.path={text}", *overrides, "--json")
        assert answer.exit_code == 0, answer.stderr
        return str(answer.data["run_id"])

    return train


def table(workspace: Path, run_id: str, name: str, step: int) -> list[list[str]]:
    return list(csv.reader((workspace / "runs" / run_id / "tables" / name / f"{step:08d}.csv").open()))


def test_it_finds_what_the_run_found(trained: Callable[..., str], cli: Cli, workspace: Path) -> None:
    """At the beginning and at the end: the same numbers as the probes of the run itself."""
    run_id = trained("probe=all", "probe.times=2", "probe.lags=20")
    before = {step: table(workspace, run_id, "gradient_decay", step) for step in (0, 12)}
    for at, step in (("init", 0), ("last", 12)):
        answer = cli("probe", run_id, "--at", at, "--lags", "20", "--json")
        assert answer.exit_code == 0, answer.stderr
        assert answer.data["step"] == step and answer.data["unanswered"] == []
        after = table(workspace, run_id, "gradient_decay", step)
        assert [row[:2] for row in after] == [row[:2] for row in before[step]]
        for ours, theirs in zip(after[1:], before[step][1:], strict=True):
            assert [float(value) for value in ours[2:]] == pytest.approx([float(value) for value in theirs[2:]])
    assert cli("reproduce", run_id, "--check").exit_code == 0, "a look from outside is no part of the run"


def test_it_shows_tables_and_says_what_cannot_be_answered(trained: Callable[..., str], cli: Cli) -> None:
    run_id = trained("cell=elman")
    answer = cli("probe", "last")
    assert answer.exit_code == 0, answer.stderr
    for wanted in ("gradient_decay", "jacobian_radius", "horizon_context", "saturation with cell=elman", run_id):
        assert wanted in answer.stdout
    files = cli("probe", "last", "--names", "horizon", "--json").data["files"]
    assert [file.split("/")[1] for file in files] == ["horizon_context", "horizon_perturbation"]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--names", "saturation"], "saturation with cell=elman"),
        (["--names", "horizn"], "did you mean 'horizon'?"),
        (["--lags", "900"], "probe.lags = 900"),
        (["--at", "first"], "invalid choice"),
    ],
)
def test_wrong_requests(arguments: list[str], line: str, trained: Callable[..., str], cli: Cli) -> None:
    trained("cell=elman")
    answer = cli("probe", "last", *arguments)
    assert answer.exit_code == 2 and line in answer.stderr and answer.stderr.count("\n") == 1
