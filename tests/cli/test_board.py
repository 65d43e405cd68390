"""A sweep on the screen: the picture, the lines above it, the question, and a terminal left as it was."""

from __future__ import annotations

import io
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console as Terminal

from rnnlab.cli.board import Board, Lines, watching
from rnnlab.cli.console import Console
from rnnlab.cli.picture import picture
from rnnlab.errors import RequestError
from rnnlab.sweep.forecast import Forecast
from rnnlab.sweep.watching import SlotView, Snapshot, watcher

SMALL = Forecast(runs=4, slots=2, minutes=1, disk_bytes=10_000, free_bytes=10**12)
LARGE = Forecast(runs=4, slots=2, minutes=1000, disk_bytes=10_000, free_bytes=10**12)
HIDE, SHOW = "\x1b[?25l", "\x1b[?25h"
LONG = ["data=hello", "bptt.window=4", "data.batch_size=1", "threads=1", "tracking=none", "sweep.workers.inline=true"]
LONG += ["cell=elman,lstm", "trainer.max_steps=2000000", "trainer.val_every=5"]
ENDS_EARLY = ["optimizer.lr=1e-30", "trainer.patience=1"]
"""Nothing is learned, so the second validation is the last, whatever the budget."""


class Screen(io.StringIO):
    """A terminal that is only looked at afterwards."""

    def isatty(self) -> bool:
        return True


def on_screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """From here on standard output is a terminal. (Not a fixture: pytest puts its own in place after those.)"""
    made = Screen()
    monkeypatch.setattr("sys.stdout", made)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    return made


def answering(monkeypatch: pytest.MonkeyPatch, answer: str, *, terminal: bool = True) -> None:
    monkeypatch.setattr("sys.stdin", Screen(answer) if terminal else io.StringIO(answer))


def snapshot(slots: int = 2, *, ended: int = 12, note: str = "") -> Snapshot:
    title = "cell=lstm stack.depth={} optimizer.lr=0.00312 stack.dropout=0.25 seed=1"
    views = [SlotView("3f9a2c1b", title.format(number), 83.0, 9, 1.502) for number in range(slots)]
    counts = {"complete": ended - 3, "pruned": 2, "failed": 1, "lost": 0}
    best = (1.4321, "cell=gru stack.depth=2 seed=1")
    return Snapshot("1c26d160", (*views[1:], None), counts, 24, ended, 10, *best, "best/val_loss", 190.0, note)


def drawn(what: Snapshot, width: int, height: int = 50) -> list[str]:
    text = io.StringIO()
    Terminal(file=text, width=width, height=height, force_terminal=True, no_color=True).print(
        picture(what, width, height)
    )
    plain = text.getvalue().replace("\x1b[0m", "").replace("\x1b[1m", "").replace("\x1b[2m", "")
    return [line.rstrip() for line in plain.splitlines()]


def test_the_picture_has_slots_counts_best_and_time_left() -> None:
    lines = drawn(snapshot(3, note="stopping"), 120)
    assert lines[0].startswith("sweep 1c26d160")
    assert lines[0].endswith("12 of 24 runs, about 3 min left")
    assert lines[1] == "9 complete, 2 pruned, 1 failed, 10 waiting; stopping"
    assert lines[2] == "best so far: best/val_loss 1.432  cell=gru stack.depth=2 seed=1"
    assert "3f9a2c1b  cell=lstm stack.depth=1" in lines[3]
    assert lines[3].split()[-5:] == ["45", "%", "83", "s", "1.502"]
    assert lines[5].split() == ["2", "idle"]
    assert len(lines) == 6


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("slots", [1, 2, 16, 64])
def test_no_line_is_wider_than_the_terminal_and_none_is_broken(width: int, slots: int) -> None:
    lines = drawn(snapshot(slots), width)
    assert max(map(len, lines)) <= width - 4
    assert len(lines) == 3 + min(slots, 16) + (slots > 16)


def test_more_slots_than_fit_are_counted() -> None:
    assert drawn(snapshot(64), 60)[-1] == "and 48 more slots, 47 of them busy"
    assert len(drawn(snapshot(64), 60, height=12)) <= 12
    assert drawn(snapshot(64), 60, height=12)[-1] == "and 58 more slots, 57 of them busy"


def test_before_anything_is_known_there_is_a_picture_too() -> None:
    lines = drawn(Snapshot("1c26d160", (None,), {}, 0, 0, 0, None, "", "best/val_loss", None), 60)
    assert lines[0].endswith("0 of 0 runs")
    assert lines[1:] == ["0 waiting", "0  idle"]


def test_lines_stay_in_their_order_and_the_picture_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    with Board(Console(), yes=False) as board:
        board.say("before")
        for ended in range(3, 20):
            board.show(snapshot(ended=ended))
            board.say(f"run {ended} [of] 24")
    board.say("after")
    written = screen.getvalue()
    said = ["before\n", *(f"run {ended} [of] 24" for ended in range(3, 20)), "after\n"]
    places = [written.index(line) for line in said]
    assert places == sorted(places)
    assert "sweep 1c26d160" in written
    assert written.rindex("\x1b[2K") > written.rindex("sweep 1c26d160"), "the last picture was cleared"


def test_the_cursor_is_never_left_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    with pytest.raises(KeyboardInterrupt), Board(Console(), yes=False) as board:
        board.show(snapshot())
        raise KeyboardInterrupt
    written = screen.getvalue()
    assert written.count(HIDE) == 1
    assert written.index(SHOW) < written.index("sweep 1c26d160"), "also a killed process leaves it visible"
    assert sys.stdout is screen


def test_what_has_not_changed_is_not_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    with Board(Console(), yes=False) as board:
        for _ in range(1000):
            board.show(snapshot())
    assert 1 <= screen.getvalue().count("sweep 1c26d160") <= 3


def test_elsewhere_there_are_lines_only(capfd: pytest.CaptureFixture[str]) -> None:
    with watching(Console(), yes=False) as lines:
        assert watcher.get() is lines
        lines.show(snapshot())
        lines.say("one line")
    assert watcher.get() is None
    assert capfd.readouterr().out == "one line\n"
    with watching(Console(json=True), yes=False) as lines:
        lines.say("one line")
    assert capfd.readouterr() == ("", "one line\n")


def test_json_and_terminals_that_cannot_draw_get_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    with watching(Console(), yes=False) as drawing:
        assert isinstance(drawing, Board)
    with watching(Console(json=True), yes=False) as in_json:
        assert not isinstance(in_json, Board)
    monkeypatch.setenv("TERM", "dumb")
    with watching(Console(), yes=False) as dumb:
        assert not isinstance(dumb, Board)
    assert screen.getvalue() == ""


def test_where_nobody_can_be_asked_a_large_sweep_needs_yes() -> None:
    assert Lines(Console(), yes=False).agree(SMALL)
    assert Lines(Console(), yes=True).agree(LARGE)
    with pytest.raises(RequestError, match="4 runs, about 16 h 40 min on 2 slots.*--yes"):
        Lines(Console(), yes=False).agree(LARGE)


@pytest.mark.parametrize(
    ("answer", "agreed"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_on_a_terminal_a_person_is_asked(answer: str, agreed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    answering(monkeypatch, answer)
    assert Board(Console(), yes=False).agree(LARGE) is agreed
    assert screen.getvalue() == "Start? [y/N] "


def test_nobody_is_asked_for_a_small_one_or_beforehand_or_without_a_keyboard(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_screen(monkeypatch)
    answering(monkeypatch, "n\n")
    assert Board(Console(), yes=False).agree(SMALL)
    assert Board(Console(), yes=True).agree(LARGE)
    assert screen.getvalue() == ""
    answering(monkeypatch, "y\n", terminal=False)
    with pytest.raises(RequestError, match="--yes"):
        Board(Console(), yes=False).agree(LARGE)


def test_a_large_sweep_is_refused_and_leaves_nothing(cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("train", "-m", *LONG, *ENDS_EARLY)
    assert answer.exit_code == 2
    assert "--yes starts it" in answer.stderr
    assert len(answer.stderr.splitlines()) == 1
    assert not list(workspace.iterdir())
    answer = cli("train", "-m", *LONG, *ENDS_EARLY, "--json")
    assert (answer.exit_code, list(answer.data)) == (2, ["error"])


def test_yes_starts_it_and_resume_takes_yes_too(cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("train", "-m", *LONG, *ENDS_EARLY, "--yes", "--json")
    assert answer.exit_code == 0, answer.stderr
    assert answer.data["counts"] == {"complete": 2}
    assert "2 runs, about" in answer.stderr
    assert cli("resume", answer.data["sweep_id"], "-y", "--json").data == answer.data


def test_yes_is_for_sweeps(cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("train", "--yes")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "it goes with -m" in answer.stderr


def in_a_terminal(command: list[str], folder: Path, keys: dict[str, bytes]) -> tuple[int, str, bool]:
    """(exit code, all that was written, whether the terminal's settings are as before).

    keys: what is typed when a text first appears on the screen
    """
    ours, theirs = pty.openpty()
    before = termios.tcgetattr(theirs)
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "80", "LINES": "24"}
    process = subprocess.Popen(command, cwd=folder, env=environment, preexec_fn=lambda: os.login_tty(theirs))
    written, deadline = b"", time.monotonic() + 120
    while time.monotonic() < deadline:
        ready = select.select([ours], [], [], 0.1)[0]
        if ready:
            written += os.read(ours, 65536)
        elif process.poll() is not None:
            break
        for text in [text for text in keys if text.encode() in written]:
            os.write(ours, keys.pop(text))
    same = termios.tcgetattr(theirs) == before
    os.close(theirs)
    os.close(ours)
    return process.wait(10), written.decode(), same


RNNLAB = [sys.executable, "-c", "import sys; from rnnlab.cli import main; sys.exit(main())"]


def test_a_sweep_in_a_terminal_is_asked_for_and_ends_in_good_order_by_ctrl_c(workspace: Path) -> None:
    keys = {"Start? [y/N]": b"y\r", "0 of 2 runs": b"\x03"}
    code, written, same = in_a_terminal([*RNNLAB, "train", "-m", *LONG], workspace, keys)
    assert code == 130, written
    assert same
    assert not keys
    assert "0 of 2 runs" in written
    assert "stopping: what runs ends at a checkpoint" in written
    assert written.rindex(SHOW) > written.rindex(HIDE)
    assert "interrupted" in written.splitlines()[-1]


def test_a_no_starts_nothing(workspace: Path) -> None:
    code, written, _ = in_a_terminal([*RNNLAB, "train", "-m", *LONG], workspace, {"Start? [y/N]": b"n\r"})
    assert code == 2
    assert "not started" in written
    assert not list(workspace.iterdir())
