"""A disk that is really full, at a checkpoint: one line, the earlier checkpoint is kept, and the run can go on."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rnnlab.tracking.folder import RunFolder
from rnnlab.training import checkpoints

MEBIBYTE = 1 << 20


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one mebibyte."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def test_the_run_survives_a_full_disk(
    cli: Callable, workspace: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace / "notes.txt").write_text("the quick brown fox jumps over the lazy dog\n" * 40, encoding="utf-8")
    monkeypatch.setenv("RNNLAB_RUNS", str(small_disk / "runs"))
    command = [
        "train",
        "data=text",
        "data.path=notes.txt",
        "cell.hidden_size=32",
        "bptt.window=8",
        "tracking.store=none",
    ]
    command += ["trainer.max_steps=12", "trainer.checkpoint_every=4", "trainer.val_every=12", "trainer.final=false"]
    undisturbed = cli(*command, "--json").data

    (small_disk / "runs").mkdir(exist_ok=True)
    filler = small_disk / "filler"
    first_save = checkpoints.save
    saves: list[Path] = []

    def save_then_fill(path: Path, content: dict) -> None:
        first_save(path, content)
        saves.append(path)
        if len(saves) == 2:  # the checkpoint at step 4 stands; nothing more fits
            fill(filler)

    monkeypatch.setattr(checkpoints, "save", save_then_fill)
    answer = cli(*command)
    assert answer.exit_code == 1
    (line,) = [line for line in answer.stderr.splitlines() if line.startswith("rnnlab:")]
    assert "could not be written" in line or "the disk is full" in line
    (run,) = [RunFolder(p) for p in (small_disk / "runs").iterdir() if p.name != undisturbed["run_id"]]
    assert checkpoints.load(run.checkpoint)["position"] == 4

    filler.unlink()
    monkeypatch.setattr(checkpoints, "save", first_save)
    resumed = cli("resume", run.id, "--json")
    assert resumed.exit_code == 0, resumed.stderr
    assert resumed.data["weights_sha256"] == undisturbed["weights_sha256"]


def fill(path: Path) -> None:
    """Write until the disk has no room."""
    with open(path, "wb", buffering=0) as file:
        for size in (4096, 256, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                continue
