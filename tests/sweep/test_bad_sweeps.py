"""Wrong sweeps, asked for on the whole command line: one line, exit code 2, and everything as it was."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HELLO = ("data=hello", "bptt.window=4", "cell.hidden_size=4", "trainer.max_steps=4", "trainer.val_every=2")
INLINE = ("tracking.store=none", "sweep.workers.inline=true")
CELLS = ("cell=elman,lstm", *HELLO)
RATES = ("optimizer.lr=tag(log,interval(1e-4,1e-2))", *HELLO)
JOURNAL = "study.journal"


def contents(folder: Path) -> dict[str, str]:
    """Every file below a folder with the sha256 of what is in it, and every folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "folder"
        for path in folder.rglob("*")
    }


@pytest.fixture
def refused(cli: Callable[..., Any], workspace: Path) -> Callable[..., None]:
    """``refused(words, *arguments)``: the command ends in one line with these words and changes no file."""

    def check(words: tuple[str, ...], *arguments: str) -> None:
        before = contents(workspace)
        answer = cli(*arguments)
        assert answer.exit_code == 2, answer.stdout + answer.stderr
        assert answer.stdout == ""
        (line,) = answer.stderr.splitlines()
        assert [word for word in words if word not in line] == [], line
        assert contents(workspace) == before

    return check


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        # What is searched.
        ((*HELLO, "cell=glob(zz*)"), ("cell=glob(zz*)", "lstm")),
        ((*HELLO, "cell="), ("cell=",)),
        ((*HELLO, "cell=choice()"), ("cell=choice()",)),
        ((*HELLO, "stack.depth=range(3,3)"), ("stack.depth=range(3,3)", "empty")),
        ((*HELLO, "seed=range(1,1)"), ("seed=range(1,1)", "empty")),
        ((*HELLO, "optimizer.lr=interval(1,1)"), ("optimizer.lr=interval(1,1)", "empty")),
        ((*HELLO, "optimizer.lr=interval(2,1)"), ("optimizer.lr=interval(2,1)", "empty")),
        ((*HELLO, "optimizer.lr=interval(1,inf)"), ("optimizer.lr", "finite")),
        ((*HELLO, "optimizer.lr=tag(log,interval(0,1))"), ("optimizer.lr", "above 0")),
        ((*HELLO, "tracking.store=none,mlflow"), ("tracking.store", "cannot be swept over")),
        ((*HELLO, "seed=0,x"), ("seed", "whole number")),
        ((*CELLS, "seed=0,1", "sweep.seeds=[2]"), ("seed", "sweep.seeds")),
        ((*CELLS, "cell.hiden_size=3,4"), ("cell.hiden_size", "did you mean 'cell.hidden_size'")),
        # A corner that is impossible.
        ((*HELLO, "cell.hidden_size=4,0"), ("cell.hidden_size = 0", "at least 1")),
        ((*HELLO, "bptt.window=4,5000"), ("bptt.window", "5000")),
        (
            (*HELLO, "stack.dropout=interval(0,1)", "sweep.sampler=random", "sweep.n_trials=2"),
            ("stack.dropout = 1", "[0, 1)", "at the corner stack.dropout=1.0"),
        ),
        # How it is searched.
        ((*CELLS, "sweep.sampler=griid"), ("sweep.sampler", "griid", "did you mean 'grid'")),
        ((*CELLS, "sweep.pruner=mediam"), ("sweep.pruner", "mediam", "did you mean 'median'")),
        ((*CELLS, "sweep.direction=up"), ("sweep.direction", "up", "maximize")),
        ((*CELLS, "sweep.metric=best/val_los"), ("sweep.metric", "did you mean 'best/val_loss'")),
        ((*CELLS, "sweep.metric=val/accuracy"), ("sweep.metric", "val/accuracy")),
        ((*CELLS, "sweep.metric=parameters", "sweep.pruner=median"), ("sweep.metric", "parameters", "sweep.pruner")),
        (RATES, ("optimizer.lr", "finite list")),
        ((*RATES, "sweep.sampler=random"), ("sweep.n_trials", "missing")),
        ((*CELLS, "sweep.n_trials=0"), ("sweep.n_trials = 0", "at least 1")),
        ((*HELLO, "sweep.sampler=tpe", "sweep.n_trials=2"), ("sweep.sampler=tpe", "nothing to search")),
        ((*CELLS, "sweep.more_metrics=[seconds]", "sweep.sampler=gp", "sweep.n_trials=2"), ("sweep.sampler", "nsga2")),
        ((*CELLS, "sweep.more_metrics=[secnds]"), ("secnds", "did you mean 'seconds'")),
        ((*CELLS, "sweep.more_metrics=[seconds]", "sweep.pruner=median"), ("sweep.pruner", "several objectives")),
        # What trials must keep to.
        ((*CELLS, 'sweep.constraints=["parameters <= 1"]'), ("sweep.constraints", "parameters <= 1")),
        ((*CELLS, 'sweep.constraints=["parameters <="]'), ("sweep.constraints", "parameters <=")),
        ((*CELLS, 'sweep.constraints=["paramters <= 9000"]'), ("sweep.constraints", "did you mean 'parameters'")),
        ((*CELLS, 'sweep.constraints=["__import__(1) <= 2"]'), ("sweep.constraints", "__import__")),
        # Where it runs.
        ((*CELLS, "sweep.workers.address=127.0.0.1:1"), ("sweep.workers.address", "127.0.0.1:1")),
        ((*CELLS, "sweep.workers.memory_gb=100000"), ("sweep.workers.memory_gb", "100000")),
        ((*CELLS, "sweep.workers.memory_gb=0"), ("sweep.workers.memory_gb", "above 0")),
        ((*CELLS, "sweep.workers.count=0"), ("sweep.workers.count = 0", "at least 1")),
        ((*CELLS, "sweep.workers.gpus=1.5"), ("sweep.workers.gpus", "1.5")),
        ((*CELLS, "sweep.workers=inline"), ("sweep.workers",)),
        ((*CELLS, "tracking.uri=ftp://x"), ("tracking.uri", "ftp")),
    ],
)
def test_a_sweep_that_cannot_be(
    refused: Callable[..., None], arguments: tuple[str, ...], words: tuple[str, ...]
) -> None:
    refused(words, "train", "-m", *arguments)


def test_no_such_preset(refused: Callable[..., None]) -> None:
    refused(("smoky", "did you mean 'smoke'"), "sweep", "smoky")


@pytest.fixture
def begun(cli: Callable[..., Any]) -> Path:
    """The folder of a sweep of two cells, ended, in the workspace."""
    answer = cli("train", "-m", *CELLS, *INLINE, "--json")
    assert answer.exit_code == 0, answer.stderr
    return Path(answer.data["folder"])


def test_fewer_trials_than_are_done(begun: Path, refused: Callable[..., None]) -> None:
    refused(("sweep.n_trials = 1", "2"), "train", "-m", *CELLS, *INLINE, "sweep.n_trials=1")


def test_the_journal_of_another_study(begun: Path, refused: Callable[..., None], cli: Callable[..., Any]) -> None:
    other = cli("train", "-m", "stack.depth=1,2", *HELLO, *INLINE, "--json")
    assert other.data["sweep_id"] != begun.name
    (begun / JOURNAL).write_bytes((Path(other.data["folder"]) / JOURNAL).read_bytes())
    refused((begun.name, JOURNAL), "train", "-m", *CELLS, *INLINE, "seed=0,1")


@pytest.mark.parametrize("damage", ['{"op_code": 4, "wor', "\0\0\0\0", "[]", '{"op_code": "x"}'])
@pytest.mark.parametrize("more", [(), ("seed=0,1",)], ids=["ended", "to go on"])
def test_damage_in_the_middle_of_a_journal(
    begun: Path, refused: Callable[..., None], damage: str, more: tuple[str, ...]
) -> None:
    journal = begun / JOURNAL
    lines = journal.read_text(encoding="utf-8").splitlines()
    assert len(lines) > 3 and all(isinstance(json.loads(line), dict) for line in lines)
    lines[len(lines) // 2] = damage
    journal.write_text("\n".join(lines) + "\n", encoding="utf-8")
    number = f"line {len(lines) // 2 + 1}"
    refused((begun.name, JOURNAL, number), "train", "-m", *CELLS, *INLINE, *more)
