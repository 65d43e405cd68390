"""Tables line up, bars say how far it is, and --json keeps stdout free."""

from __future__ import annotations

import io

import pytest

from rnnlab.cli.console import Console, Progress, aligned


def test_columns_are_aligned_and_numbers_stand_to_the_right() -> None:
    lines = aligned([{"name": "lstm", "loss": 1.25}, {"name": "elman", "loss": 12}])
    assert lines == ["name   loss", "lstm   1.25", "elman    12"]


def test_rows_may_lack_a_column() -> None:
    assert aligned([{"a": "x"}, {"b": "y"}]) == ["a  b", "x   ", "   y"]


def test_under_json_people_are_told_on_stderr(capfd: pytest.CaptureFixture[str]) -> None:
    Console(json=True).table([{"a": 1}], "title")
    Console().say("line")
    written = capfd.readouterr()
    assert written.out == "line\n"
    assert written.err == "title\n  a\n  1\n"


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_elsewhere_than_on_a_terminal_a_bar_is_a_line_now_and_then() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress("training", stream, terminal=False, clock=clock) as bar:
        for step in range(1, 101):
            clock.now += 1.0
            bar(step, 100, "loss 1")
    lines = stream.getvalue().splitlines()
    assert len(lines) == 10
    assert lines[0] == "training 10/100, 1:30 left  loss 1"
    assert lines[-1] == "training 100/100  loss 1"


def test_what_was_done_before_the_first_call_does_not_count_as_speed() -> None:
    stream, clock = io.StringIO(), Clock()
    clock.now = 100.0  # start-up
    with Progress("training", stream, terminal=True, clock=clock) as bar:
        bar(900, 1000)  # resumed
        clock.now = 101.0
        bar(910, 1000)
    assert "training 910/1,000, 0:09 left" in stream.getvalue()


def test_on_a_terminal_it_is_redrawn_and_leaves_nothing() -> None:
    stream, clock = io.StringIO(), Clock()
    with Progress("training", stream, terminal=True, clock=clock) as bar:
        bar(0, 10)
        clock.now = 1.0
        bar(5, 10)
    assert "[##########..........] training 5/10, 0:01 left" in stream.getvalue()
    assert stream.getvalue().endswith("\r\x1b[K")
    assert "\n" not in stream.getvalue()
