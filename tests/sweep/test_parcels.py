"""Folders that travel: whatever is written and packed in whatever order, the other side ends up equal."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.errors import WorkError
from rnnlab.sweep.parcels import CODE_DIFF, NAMES, NOTHING, Parcel, pack, unpack
from rnnlab.tracking.atomic import write_atomically
from rnnlab.tracking.folder import LAST_CHECKPOINT, POINTS, RESULT

WHOLE = [name for name in NAMES if name != POINTS]
TICK = count(1)


def replace(path: Path, content: bytes) -> None:
    """As a run does; each time at a time of its own, as the clock of a file system need not have it."""
    write_atomically(path, content)
    os.utime(path, ns=(0, next(TICK) * 1000))


def append(path: Path, content: bytes) -> None:
    with open(path, "ab") as file:
        file.write(content)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


WRITES = st.tuples(st.sampled_from(WHOLE), st.binary(max_size=20))
APPENDS = st.tuples(st.just(POINTS), st.text("ab\n", max_size=8).map(str.encode))
SENDS = st.just(("send", b""))


@settings(deadline=None, max_examples=40)  # each write waits for the disk
@given(st.lists(st.one_of(WRITES, APPENDS, SENDS), max_size=8))
def test_parcels_make_an_equal_folder(steps: list[tuple[str, bytes]]) -> None:
    with TemporaryDirectory() as here, TemporaryDirectory() as there:
        node, driver = Path(here), Path(there)
        sent = NOTHING
        for name, content in [*steps, (POINTS, b"\n"), ("send", b"")]:
            if name == "send":
                sent = pack(node, sent)
                unpack(driver, sent)
                unpack(driver, sent)  # twice does no harm
            elif name == POINTS:
                append(node / name, content)
            else:
                replace(node / name, content)
        assert contents(driver) == contents(node)
        assert pack(node, sent).is_empty


def test_only_what_has_changed_travels(tmp_path: Path) -> None:
    replace(tmp_path / LAST_CHECKPOINT, b"weights")
    append(tmp_path / POINTS, b"one\ntw")
    first = pack(tmp_path, NOTHING)
    assert (dict(first.files), first.lines, first.offset) == ({LAST_CHECKPOINT: b"weights"}, b"one\n", 0)
    append(tmp_path / POINTS, b"o\n")
    second = pack(tmp_path, first)
    assert (dict(second.files), second.lines, second.offset) == ({}, b"two\n", 4)


def test_a_run_goes_on_elsewhere_from_what_has_arrived(tmp_path: Path) -> None:
    first, driver, second = (tmp_path / name for name in ("first", "driver", "second"))
    for folder in (first, driver, second):
        folder.mkdir()
    replace(first / LAST_CHECKPOINT, b"at step 20")
    append(first / POINTS, b"20\n")
    unpack(driver, pack(first, NOTHING))
    append(first / POINTS, b"lost with the node\n")
    unpack(second, pack(driver, NOTHING))
    known = pack(second, NOTHING)
    append(second / POINTS, b"40\n")
    replace(second / RESULT, b"{}")
    unpack(driver, pack(second, known))
    assert contents(driver) == {LAST_CHECKPOINT: b"at step 20", POINTS: b"20\n40\n", RESULT: b"{}"}


def test_a_torn_line_of_the_driver_is_written_over(tmp_path: Path) -> None:
    append(tmp_path / POINTS, b"one\ntwo, of which not all was writ")
    unpack(tmp_path, Parcel(lines=b"two\n", offset=4))
    assert contents(tmp_path) == {POINTS: b"one\ntwo\n"}


def test_what_is_done_arrives_last(tmp_path: Path) -> None:
    """A driver that dies while it unpacks must not leave a result without what it stands for."""
    (tmp_path / LAST_CHECKPOINT).mkdir()  # cannot be replaced by a file
    with pytest.raises(WorkError, match="cannot be written"):
        unpack(tmp_path, Parcel({RESULT: b"{}", LAST_CHECKPOINT: b""}, b"one\n"))
    assert (tmp_path / POINTS).exists() and not (tmp_path / RESULT).exists()


@pytest.mark.parametrize("name", ["../result.json", "/etc/passwd", "lock", "tables/a.csv", "", ".", POINTS, "a\0b"])
def test_no_other_file_is_written(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with pytest.raises(WorkError, match="a file that no run has"):
        unpack(folder, Parcel({name: b"", RESULT: b"{}"}))
    assert not list(folder.iterdir()) and list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize("offset", [-1, 5])
def test_lines_must_join_those_that_are_there(offset: int, tmp_path: Path) -> None:
    append(tmp_path / POINTS, b"one\n")
    with pytest.raises(WorkError, match="from byte"):
        unpack(tmp_path, Parcel(lines=b"two\n", offset=offset))
    assert contents(tmp_path) == {POINTS: b"one\n"}


def test_the_names_are_those_that_runs_write() -> None:
    from rnnlab.training import record

    assert record.CODE_DIFF == CODE_DIFF
