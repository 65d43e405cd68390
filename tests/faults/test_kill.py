"""kill -9 at any moment: the run, resumed, ends as if nothing had been."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import read_log
from rnnlab.training import checkpoints
from rnnlab.training.checkpoints import weights_sha256

PROGRAM = Path(__file__).with_name("killed_run.py")
CHECKOUT = PROGRAM.parents[2]
SETTINGS = [
    "data=text", "data.path=notes.txt", "data.batch_size=2", "data.val_rows=2", "cell.hidden_size=8",
    "bptt.window=8", "stack.dropout=0.2", "trainer.max_epochs=9", "trainer.val_every=25",
    "trainer.checkpoint_every=10", "tracking.store=none", "threads=1",
]  # fmt: skip


def points(folder: RunFolder) -> list[tuple[str, int, float]]:
    """What the run has logged, durations left out. A point that is there twice is twice in the list."""
    return sorted(
        (key, entry["step"], value)
        for entry in read_log(folder)
        if entry["kind"] == "metric"
        for key, value in entry["values"].items()
        if key != "seconds"
    )


def kill_and_compare(workspace: Path, seed: int, kills: int, *overrides: str) -> tuple[RunFolder, RunFolder]:
    """The run that was killed, which has been found equal to the other one, undisturbed."""
    (workspace / "notes.txt").write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(20)))
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(seed), str(kills), *SETTINGS, *overrides],
        cwd=workspace,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    ended = json.loads(done.stdout)
    assert ended["hits"] >= 1
    killed, undisturbed = (RunFolder.find(ended[name]) for name in ("killed", "undisturbed"))
    found, wanted = killed.result(), undisturbed.result()
    assert found is not None and wanted is not None
    assert (found["state"], found["steps"]) == ("complete", wanted["steps"])
    assert found["weights_sha256"] == wanted["weights_sha256"]
    assert points(killed) == points(undisturbed)
    for name in ("last.ckpt", "best.ckpt"):
        weights = [checkpoints.load(folder.path / name)["model"] for folder in (killed, undisturbed)]
        assert weights_sha256(weights[0]) == weights_sha256(weights[1])
    return killed, undisturbed


def test_killed_at_random_moments(workspace: Path) -> None:
    kill_and_compare(workspace, seed=0, kills=6)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 7))
@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_killed_at_many_random_moments(seed: int, cell: str, workspace: Path) -> None:
    kill_and_compare(workspace, seed, 12, f"cell={cell}", "stack.depth=2", "trainer.max_epochs=12")


def tables(folder: RunFolder) -> dict[str, bytes]:
    """The tables of a run by their paths."""
    return {str(file.relative_to(folder.path)): file.read_bytes() for file in folder.path.rglob("tables/*/*.csv")}


@pytest.mark.slow
def test_killed_while_it_is_looked_at(workspace: Path) -> None:
    """A look comes before the checkpoint of its step: none is missing, and one that is repeated finds the same."""
    looks = ["probe=all", "probe.rows=2", "probe.lags=6", "probe.at=[0,10,20,40]"]
    killed, undisturbed = kill_and_compare(workspace, 7, 8, *looks, "trainer.max_epochs=null", "trainer.max_steps=40")
    assert tables(undisturbed) and tables(killed) == tables(undisturbed)
