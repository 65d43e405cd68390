"""Times, counts, figures and names as people read them."""

from __future__ import annotations

import pytest

from rnnlab.report.words import counted, duration, figure, short_key, shortened


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (88, "88 s"), (750, "12.5 min"), (7200, "120.0 min"), (25920, "7.2 h")]
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_counted() -> None:
    assert [counted(number, "trial") for number in (0, 1, 2)] == ["0 trials", "1 trial", "2 trials"]


@pytest.mark.parametrize(
    ("value", "text"), [(1.234567, "1.2346"), (3179000.0, "3,179,000"), (12.0, "12"), (1e-9, "1e-09")]
)
def test_figure(value: float, text: str) -> None:
    assert figure(value) == text


def test_short_keys_keep_their_end() -> None:
    assert short_key("cell.hidden_size", 11) == "\u2026idden_size"
    assert short_key("cell", 11) == "cell"


def test_shortened() -> None:
    assert shortened("hidden", 6) == "hidden"
    assert shortened("hidden_size", 6) == "hidde\u2026"
