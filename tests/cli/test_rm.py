"""``rnnlab rm``: removes what is meant, and nothing that is being written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.tracking.folder import RunFolder, list_runs


@pytest.fixture
def sweep(workspace: Path) -> RunFolder:
    """A sweep of two runs, one of which never started, beside a run of its own."""
    for id in ("aaaa0000", "bbbb0000"):
        RunFolder.create(id).write_json("result.json", {})
    folder = RunFolder.create("cccc0000", root=workspace / "runs" / "sweeps")
    folder.write_json("sweep.json", {"runs": ["aaaa0000", "dddd0000"]})
    return folder


def ids() -> list[str]:
    return sorted(run.id for run in list_runs())


def test_a_run(sweep: RunFolder, cli: Callable[..., Any]) -> None:
    answer = cli("rm", "bbbb", "--json")
    assert answer.exit_code == 0
    assert [Path(path).name for path in answer.data["folders"]] == ["bbbb0000"]
    assert ids() == ["aaaa0000"]
    assert sweep.path.exists()


def test_a_sweep_takes_its_runs_along(sweep: RunFolder, cli: Callable[..., Any]) -> None:
    assert cli("rm", "cccc").exit_code == 0
    assert ids() == ["bbbb0000"]
    assert not sweep.path.exists()


def test_a_dry_run_removes_nothing(sweep: RunFolder, cli: Callable[..., Any]) -> None:
    answer = cli("rm", "cccc", "bbbb", "--dry-run")
    assert answer.exit_code == 0
    assert answer.stdout.count("would remove") == 3
    assert ids() == ["aaaa0000", "bbbb0000"]


def test_nothing_is_removed_where_one_is_being_written(sweep: RunFolder, cli: Callable[..., Any]) -> None:
    run = RunFolder.find("aaaa")
    with run.lock():
        answer = cli("rm", "bbbb", "cccc")
    assert answer.exit_code == 2
    assert "run aaaa0000 is being written by process" in answer.stderr
    assert ids() == ["aaaa0000", "bbbb0000"]


def test_neither_run_nor_sweep(sweep: RunFolder, cli: Callable[..., Any]) -> None:
    answer = cli("rm", "nobody")
    assert answer.exit_code == 2
    assert answer.stderr.count("\n") == 1
