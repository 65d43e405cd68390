"""Wrong requests to the whole command: exit code 2, one line that names the matter, nothing created."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.tracking.folder import RunFolder

SMALL = ("cell.hidden_size=4", "trainer.max_steps=4", "bptt.window=8", "data.batch_size=2", "tracking.store=none")
OWN_TEXT = ("data=text", "data.path=notes.txt")


@pytest.fixture
def notes(workspace: Path) -> Path:
    """A small text of one's own in the working directory."""
    path = workspace / "notes.txt"
    path.write_text("the quick brown fox jumps over the lazy dog\n" * 40, encoding="utf-8")
    return path


@pytest.fixture
def trained(cli: Callable, notes: Path) -> RunFolder:
    """A small finished run in the workspace."""
    answer = cli("train", *OWN_TEXT, *SMALL, "--json")
    assert answer.exit_code == 0, answer.stderr
    return RunFolder.find(answer.data["run_id"])


def refused(answer, workspace: Path, *words: str) -> None:
    """One line on stderr that has these words, exit code 2, and no run begun."""
    assert answer.exit_code == 2, answer.stderr
    assert answer.stdout == ""
    (line,) = answer.stderr.splitlines()
    for word in words:
        assert word in line
    assert not (workspace / "runs").exists()
    assert not (workspace / "mlflow.db").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("cell.hiden_size=3",), ("cell.hiden_size", "did you mean 'cell.hidden_size'")),
        (("+cell.hiden_size=3",), ("cell.hiden_size", "did you mean 'cell.hidden_size'")),
        (("cell.hidden_size=many",), ("cell.hidden_size", "many")),
        (("cell.hidden_size=0",), ("cell.hidden_size", "at least 1")),
        (("cell=lstn",), ("cell=lstn", "did you mean 'lstm'")),
        (("-m", "cell=elman,lstn"), ("lstn", "did you mean 'lstm'")),
        (("-m", "cell.hidden_size=8,0"), ("cell.hidden_size", "at least 1")),
        (("bptt.window=100000",), ("bptt.window", "100000", "symbols")),
        (("data.batch_size=5000", "bptt.window=8"), ("data.batch_size", "5000", "rows")),
        (("data.path=absent.txt",), ("absent.txt",)),
        (("data.path=empty.txt",), ("empty.txt", "empty")),
        (("data.path=binary.bin",), ("binary.bin", "data.unit=byte")),
        (("data.path=latin.txt",), ("latin.txt", "UTF-8", "data.unit=byte")),
        (("init_from=nothing",), ("nothing",)),
        (("task=classification",), ("task=classification", "task=language_model")),
        (("tracking.uri=ftp://x",), ("tracking.uri", "ftp")),
    ],
)
def test_train(cli: Callable, notes: Path, workspace: Path, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    (workspace / "empty.txt").write_bytes(b"")
    (workspace / "binary.bin").write_bytes(b"abc\0\1\2" * 50)
    (workspace / "latin.txt").write_bytes("caf\u00e9 ".encode("latin-1") * 50)
    given = (
        [*OWN_TEXT, *arguments] if not any(a.startswith("data.path") for a in arguments) else ["data=text", *arguments]
    )
    refused(cli("train", *given), workspace, *words)


def test_an_unknown_key_in_a_recipe_file(cli: Callable, workspace: Path) -> None:
    recipe = workspace / "mine" / "cell" / "small.yaml"
    recipe.parent.mkdir(parents=True)
    recipe.write_text("defaults: [lstm]\nhiden_size: 3\n")
    refused(cli("train", "cell=small", "--config-dir", "mine"), workspace, "hiden_size", "did you mean")


def test_a_checksum_that_does_not_match(cli: Callable, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = workspace / "raw" / "tinyshakespeare" / "input.txt"
    file.parent.mkdir(parents=True)
    file.write_text("First Citizen: this is another play\n")
    monkeypatch.setenv("RNNLAB_DATA", str(workspace / "raw"))
    monkeypatch.setenv("RNNLAB_CACHE", str(workspace / "cache"))
    refused(cli("train", "data=tinyshakespeare"), workspace, "input.txt")


@pytest.mark.skipif("__import__('torch').cuda.is_available()", reason="this machine has a GPU")
def test_a_gpu_where_there_is_none(cli: Callable, notes: Path, workspace: Path) -> None:
    refused(cli("train", *OWN_TEXT, "device=cuda"), workspace, "device", "no GPU", "cpu")


def test_no_such_run(cli: Callable, trained: RunFolder) -> None:
    for verb in ("resume", "reproduce", "sample", "export"):
        answer = cli(verb, "zzzz")
        assert answer.exit_code == 2
        assert "zzzz" in answer.stderr and len(answer.stderr.splitlines()) == 1


def test_an_ambiguous_prefix_names_the_runs(cli: Callable, trained: RunFolder) -> None:
    for letter in "ab":
        shutil.copytree(trained.path, trained.path.parent / f"eeee000{letter}")
    answer = cli("sample", "eeee")
    assert answer.exit_code == 2
    assert "ambiguous" in answer.stderr and "eeee000a" in answer.stderr and "eeee000b" in answer.stderr


def test_a_run_that_another_process_holds(cli: Callable, trained: RunFolder) -> None:
    before = sorted(path.name for path in trained.path.iterdir())
    with open(trained.path / "lock", "a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        answer = cli("resume", trained.id, "trainer.max_steps=8")
    assert answer.exit_code == 2
    assert trained.id in answer.stderr and "being written" in answer.stderr
    assert sorted(path.name for path in trained.path.iterdir()) == before


@pytest.mark.parametrize("damage", ["truncated", "foreign", "program"])
def test_a_checkpoint_that_is_not_one(cli: Callable, trained: RunFolder, workspace: Path, damage: str) -> None:
    best = trained.path / "best.ckpt"
    content = best.read_bytes()
    if damage == "truncated":
        best.write_bytes(content[: len(content) // 2])
    elif damage == "foreign":
        best.write_bytes(b"PNG nonsense" * 100)
    else:
        import pickle

        best.write_bytes(pickle.dumps(Payload(str(workspace / "executed"))))
    answer = cli("sample", trained.id)
    assert answer.exit_code == 2
    assert "best.ckpt" in answer.stderr and len(answer.stderr.splitlines()) == 1
    assert not (workspace / "executed").exists()


class Payload:
    """What a hostile checkpoint would hold: a call."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into read-only folders")
def test_a_read_only_folder(cli: Callable, notes: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = workspace / "closed"
    closed.mkdir(mode=0o500)
    monkeypatch.setenv("RNNLAB_RUNS", str(closed))
    refused(cli("train", *OWN_TEXT, *SMALL), workspace, str(closed), "RNNLAB_RUNS")


def test_a_runs_folder_that_cannot_be_made(
    cli: Callable, notes: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RNNLAB_RUNS", str(notes))  # a file: nobody, root included, can make a folder there
    refused(cli("train", *OWN_TEXT, *SMALL), workspace, str(notes))


def test_an_unseen_character_in_a_primer(cli: Callable, trained: RunFolder) -> None:
    answer = cli("sample", trained.id, "--primer", "fox\u00e7")
    assert answer.exit_code == 2
    assert "character 4" in answer.stderr and "U+00E7" in answer.stderr


@pytest.mark.parametrize("change", ["cell.hidden_size=8", "optimizer.lr=0.1", "trainer.max_steps=2", "cell=gru"])
def test_what_resume_cannot_change(cli: Callable, trained: RunFolder, change: str) -> None:
    before = trained.result()
    answer = cli("resume", trained.id, change)
    assert answer.exit_code == 2 and len(answer.stderr.splitlines()) == 1
    assert trained.result() == before


def test_json_has_one_object_also_for_a_refusal(cli: Callable, workspace: Path) -> None:
    answer = cli("train", "cell=lstn", "--json")
    assert answer.exit_code == 2
    assert "lstn" in answer.data["error"]
