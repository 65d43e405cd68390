"""Checkpoints: whole or not there, and never run."""

from __future__ import annotations

import os
import pickle
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.errors import RequestError, WorkError
from rnnlab.training import checkpoints

CONTENT: dict[str, Any] = {
    "model": {"a": torch.randn(40, 5), "b": torch.arange(3), "c": torch.tensor(2.0, dtype=torch.bfloat16)},
    "state": ((torch.randn(2, 3), torch.randn(2, 3)),),
    "position": 7,
    "progress": {"best_loss": float("inf"), "figures": {"loss": 1.5}, "nothing": None},
}


@contextmanager
def disk_that_holds(size: int) -> Iterator[None]:
    """No file of this process may grow beyond ``size`` bytes, as on a disk that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


class Payload:
    """Pickled, it asks to be unpickled by running a command."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return os.system, (self.command,)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("saved") / "last.ckpt"
    checkpoints.save(path, CONTENT)
    return path


def is_refused(path: Path) -> bool:
    """Whether loading ends in the one-line error; any other exception fails the test."""
    try:
        checkpoints.load(path)
    except RequestError as error:
        assert str(path) in str(error) and "\n" not in str(error)
        return True
    return False


def test_what_was_saved_is_loaded(saved: Path) -> None:
    content = checkpoints.load(saved)
    assert content.pop("format") == checkpoints.FORMAT
    assert {key: content[key] for key in ("position", "progress")} == {
        key: CONTENT[key] for key in ("position", "progress")
    }
    torch.testing.assert_close(content["model"], CONTENT["model"], rtol=0, atol=0)
    torch.testing.assert_close(content["state"], CONTENT["state"], rtol=0, atol=0)
    assert os.listdir(saved.parent) == ["last.ckpt"], "nothing is left beside it"


@pytest.mark.parametrize("room", [0, 1, 100, 1500])
def test_full_disk_keeps_the_one_before(room: int, tmp_path: Path) -> None:
    path = tmp_path / "last.ckpt"
    checkpoints.save(path, {"position": 1})
    before = path.read_bytes()
    with (
        disk_that_holds(room),
        pytest.raises(WorkError, match="could not be written.*the one before it is kept") as end,
    ):
        checkpoints.save(path, CONTENT)
    assert "\n" not in str(end.value) and "File too large" in str(end.value)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["last.ckpt"]
    checkpoints.save(path, CONTENT)
    assert checkpoints.load(path)["position"] == 7


def test_full_disk_at_the_first_checkpoint(tmp_path: Path) -> None:
    with disk_that_holds(100), pytest.raises(WorkError, match="there is none before it"):
        checkpoints.save(tmp_path / "last.ckpt", CONTENT)
    assert not os.listdir(tmp_path)


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="could not be written"):
        checkpoints.save(tmp_path / "gone" / "last.ckpt", CONTENT)


def test_a_file_cut_anywhere_is_refused(saved: Path, tmp_path: Path) -> None:
    whole = saved.read_bytes()
    path = tmp_path / "cut.ckpt"
    for length in range(0, len(whole), 10):
        path.write_bytes(whole[:length])
        assert is_refused(path), length


def test_every_single_bit_of_the_archive_s_directory(saved: Path) -> None:
    """The last part of the file, which no checksum covers: each bit of it is noticed, or changes nothing."""
    whole = saved.read_bytes()
    path = saved.with_name("directory.ckpt")
    for where in range(whole.index(b"PK\x01\x02"), len(whole)):
        for bit in range(8):
            path.write_bytes(whole[:where] + bytes([whole[where] ^ 1 << bit]) + whole[where + 1 :])
            if not is_refused(path):
                content = checkpoints.load(path)
                torch.testing.assert_close(content["model"], CONTENT["model"], rtol=0, atol=0)
                torch.testing.assert_close(content["state"], CONTENT["state"], rtol=0, atol=0)
                assert content["position"] == 7, (where, bit)
    path.unlink()


@given(choices=st.data())
@settings(max_examples=150, deadline=None)
def test_a_damaged_file_is_refused_or_harmless(saved: Path, choices: st.DataObject) -> None:
    """A changed byte of the contents is noticed; one of the container's idle fields changes nothing."""
    whole = bytearray(saved.read_bytes())
    where = choices.draw(st.integers(0, len(whole) - 1))
    whole[where] ^= choices.draw(st.integers(1, 255))
    path = saved.with_name("damaged.ckpt")
    path.write_bytes(whole)
    if not is_refused(path):
        content = checkpoints.load(path)
        torch.testing.assert_close(content["model"], CONTENT["model"], rtol=0, atol=0)
        torch.testing.assert_close(content["state"], CONTENT["state"], rtol=0, atol=0)
        assert content["position"] == 7
    path.unlink()


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_any_other_file_is_refused(saved: Path, content: bytes) -> None:
    path = saved.with_name("foreign.ckpt")
    for start in (b"", b"\x80\x02", b"\x80\x04", b"PK\x03\x04"):
        path.write_bytes(start + content)
        assert is_refused(path)
    path.unlink()


@pytest.mark.parametrize("form", ["pickle", "torch", "torch before 1.6"])
def test_a_payload_is_not_run(form: str, tmp_path: Path) -> None:
    path, mark = tmp_path / "last.ckpt", tmp_path / "was run"
    content = {"format": checkpoints.FORMAT, "model": Payload(f"touch '{mark}'")}
    if form == "pickle":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "torch")
    assert is_refused(path)
    assert not mark.exists()
    torch.load(path, weights_only=False) if form != "pickle" else pickle.loads(path.read_bytes())
    assert mark.exists(), "the payload does work where it is let in"


@pytest.mark.parametrize("content", [{"model": {}}, {"format": "other 3"}, [1, 2], torch.zeros(3)])
def test_another_program_s_file_is_refused(content: Any, tmp_path: Path) -> None:
    torch.save(content, tmp_path / "other.ckpt")
    with pytest.raises(RequestError, match="is not one of rnnlab's"):
        checkpoints.load(tmp_path / "other.ckpt")


def test_absent_file(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="no such file"):
        checkpoints.load(tmp_path / "last.ckpt")


def test_a_folder_in_the_place_of_a_file(tmp_path: Path) -> None:
    assert is_refused(tmp_path)


def test_hash_of_weights() -> None:
    weights = {"a": torch.randn(3, 4), "b": torch.tensor(2.0), "c": torch.randn(2).bfloat16()}
    wanted = checkpoints.weights_sha256(weights)
    assert len(wanted) == 64
    assert checkpoints.weights_sha256(dict(reversed(weights.items()))) == wanted
    assert checkpoints.weights_sha256(weights | {"a": weights["a"].T.contiguous().T}) == wanted
    for changed in (
        {"a": torch.nextafter(weights["a"], torch.tensor(9.0))},
        {"a": weights["a"].reshape(4, 3)},
        {"b": torch.tensor(2.0, dtype=torch.float64)},
        {"d": torch.zeros(0)},
    ):
        assert checkpoints.weights_sha256(weights | changed) != wanted
