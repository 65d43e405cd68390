"""A write that fails leaves the old file."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from rnnlab.errors import WorkError
from rnnlab.tracking.atomic import write_atomically


def test_new_bytes_replace_the_old_ones(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for content in (b"one", b"two, longer", b""):
        write_atomically(path, content)
        assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize(("number", "line"), [(errno.ENOSPC, "the disk is full"), (errno.EIO, "Input/output error")])
def test_a_failure_keeps_the_old_file_and_leaves_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, line: str
) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def refuse(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(WorkError, match=f"file: cannot be written: {line}"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="No such file or directory"):
        write_atomically(tmp_path / "absent" / "file", b"x")
