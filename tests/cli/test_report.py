"""``rnnlab report SWEEP...``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.report.made_up import small_sweep

Cli = Callable[..., Any]


@pytest.fixture
def sweeps(workspace: Path) -> Path:
    """Two sweeps; returns the folder of all runs."""
    for id in ("aaaa0000", "bbbb0000"):
        small_sweep().write(workspace / "runs", id)
    return workspace / "runs"


def test_the_page_is_written_into_the_sweeps_folder(sweeps: Path, cli: Cli) -> None:
    answer = cli("report", "aaaa")
    path = sweeps / "sweeps" / "aaaa0000" / "report.html"
    assert answer.exit_code == 0
    assert answer.stdout.splitlines() == ["sweep aaaa0000 complete: 4 complete", str(path)]
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


def test_as_an_object(sweeps: Path, cli: Cli, workspace: Path) -> None:
    answer = cli("report", "bbbb", "aaaa", "--to", "both.html", "--json")
    assert answer.data == {"sweeps": ["bbbb0000", "aaaa0000"], "report": str(workspace / "both.html")}
    assert "Sweeps bbbb0000 and aaaa0000" in (workspace / "both.html").read_text(encoding="utf-8")


def test_written_again_it_replaces_the_old_page(sweeps: Path, cli: Cli) -> None:
    path = sweeps / "sweeps" / "aaaa0000" / "report.html"
    path.write_text("old")
    assert cli("report", "aaaa").exit_code == 0
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [file.name for file in path.parent.iterdir() if file.name.startswith(".")] == []


def test_the_figure_is_written_beside_the_page(sweeps: Path, cli: Cli, workspace: Path) -> None:
    answer = cli("report", "aaaa", "bbbb", "--figure", "best.svg", "--json")
    assert answer.data["figure"] == str(workspace / "best.svg")
    assert (workspace / "best.svg").read_text(encoding="utf-8").startswith("<svg ")
    assert (sweeps / "sweeps" / "aaaa0000" / "report.html").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["cccc"], "no such sweep"),
        (["aaaa", "cccc"], "no such sweep"),
        (["aaaa", "--to", "nowhere/page.html"], "a folder that exists"),
        (["aaaa", "--figure", "best.png"], "must name a .svg file in a folder that exists"),
        (["aaaa", "--figure", "nowhere/best.svg"], "a folder that exists"),
        ([], "the following arguments are required"),
    ],
)
def test_wrong_requests_are_one_line(sweeps: Path, cli: Cli, words: list[str], says: str) -> None:
    answer = cli("report", *words)
    assert answer.exit_code == 2
    assert says in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not list(sweeps.rglob("report.html"))


def test_without_any_sweep(workspace: Path, cli: Cli) -> None:
    answer = cli("report", "last")
    assert answer.exit_code == 2
    assert "there are no sweeps" in answer.stderr
