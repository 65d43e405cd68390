"""A journal that was torn is healed, one that was damaged is refused, and neither loses anything but a torn line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rnnlab.errors import RequestError
from rnnlab.sweep import journal
from rnnlab.sweep.base import Sampler, Sweep
from rnnlab.sweep.dimensions import Choices, Interval
from rnnlab.sweep.space import Space
from rnnlab.sweep.states import State
from rnnlab.sweep.study import Study, study_name

NAME = study_name("01234567")
SPACE = Space((), {"optimizer.lr": Interval(1e-4, 1e-1, log=True), "cell": Choices(("elman", "lstm"))})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of three trials: complete, pruned, and still running."""
    path = tmp_path / "study.journal"
    study = open_study(path)
    for number, state in enumerate([State.complete, State.pruned, None]):
        asked, varied = study.ask(SPACE)
        study.accept(asked, varied, f"hash{number}")
        study.report(asked, 5, 1.5)
        if state is not None:
            study.tell(asked, state, (1.0,) if state is State.complete else None)
    return path


def open_study(path: Path) -> Study:
    return Study(path, "01234567", Sweep.Config(sampler=Sampler.tpe, n_trials=9))


def refused(path: Path) -> str:
    """The line with which the journal is refused; nothing of the file is changed."""
    before = path.read_bytes()
    with pytest.raises(RequestError) as error:
        journal.check(path, NAME)
    with pytest.raises(RequestError):
        open_study(path)
    assert path.read_bytes() == before
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_journal_torn_at_any_byte_of_its_last_two_lines_loses_no_whole_line(path: Path) -> None:
    whole = path.read_bytes()
    *_, before, _, _ = (0, *(place + 1 for place, byte in enumerate(whole) if byte == ord("\n")))
    assert whole[before:].count(b"\n") == 2
    for length in range(before, len(whole)):
        path.write_bytes(whole[:length])
        journal.check(path, NAME)
        assert path.read_bytes() == whole[:length], "to look at it changes nothing"
        journal.heal(path)
        assert path.read_bytes() == whole[: whole[:length].rfind(b"\n") + 1]


def test_a_study_goes_on_from_a_torn_journal(path: Path) -> None:
    whole = path.read_bytes()
    expected = open_study(path).recorded()
    for length in (len(whole) - 1, len(whole) - 20, whole[:-1].rfind(b"\n") + 1):
        path.write_bytes(whole[:length])
        study = open_study(path)
        assert study.recorded() == expected
        assert study.outcome(0) == (State.complete, (1.0,))
        number, varied = study.ask(SPACE)
        study.accept(number, varied, "after the tear")
        assert [each.hash for each in open_study(path).recorded()] == ["hash0", "hash1", "hash2", "after the tear"]


def test_a_journal_torn_in_its_first_line_begins_again(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])
    assert open_study(path).recorded() == []
    assert json.loads(path.read_bytes().splitlines()[0])["study_name"] == NAME


@pytest.mark.parametrize("byte", [b"\0", b"\n", b"}", b"\xff"])
def test_a_damaged_byte_before_the_last_line_is_refused_or_leaves_json(path: Path, byte: bytes) -> None:
    whole = path.read_bytes()
    lines = whole.count(b"\n")
    for place in range(0, whole[:-1].rfind(b"\n"), 7):
        damaged = whole[:place] + byte + whole[place + 1 :]
        path.write_bytes(damaged)
        try:
            journal.check(path, NAME)
        except RequestError as error:
            assert f"of {damaged.count(chr(10).encode())} is damaged" in str(error) or "another study" in str(error)
        else:
            assert all(json.loads(line) for line in damaged.splitlines()), f"byte {place} of {len(whole)}"
            assert damaged.count(b"\n") == lines
        assert path.read_bytes() == damaged


@pytest.mark.parametrize(
    "damage", ["", "{", "[]", "7", "null", "{}", '{"op_code": "x"}', '{"op_code": 99}', '{"op_code": -1}', "\0\0\0"]
)
@pytest.mark.parametrize("place", [0, 5, -1])
def test_a_line_that_is_none_of_optunas_is_named(path: Path, damage: str, place: int) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[place] = damage
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert f"line {place % len(lines) + 1} of {len(lines)} is damaged" in refused(path)


def test_a_journal_without_its_beginning_is_refused(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))
    assert "line 1 of" in refused(path)


def test_the_journal_of_another_study_is_refused(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(NAME.encode(), b"somebody else's"))
    assert 'another study, "somebody else\'s"' in refused(path)


def test_an_absent_journal_is_sound(tmp_path: Path) -> None:
    journal.check(tmp_path / "study.journal", NAME)
    journal.heal(tmp_path / "study.journal")
    assert list(tmp_path.iterdir()) == []


def test_no_lock_is_left_behind(path: Path) -> None:
    assert [each.name for each in path.parent.iterdir()] == [path.name]
