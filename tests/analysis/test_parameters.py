"""Values of parameters as texts."""

from __future__ import annotations

import pytest

from rnnlab.analysis.parameters import brief, is_logarithmic, numbers


def test_numbers_or_none() -> None:
    assert numbers(["1", "2.5", "1e-3"]) == [1, 2.5, 0.001]
    assert numbers(["1", "lstm"]) is None


@pytest.mark.parametrize(
    ("listed", "values", "answer"),
    [
        (["tag(log,interval(0.1,0.2))"], [0.1, 0.15], True),
        (["interval(0.0,0.5)"], [0.001, 0.4], False),
        (["64", "128", "256"], [128, 64, 256], True),
        (["1", "2", "3"], [1, 2, 3], False),
        (["0.001", "1"], [0.001, 1], True),
        (["-1", "-2", "-4"], [-1, -2, -4], False),
        (["tag(log,interval(0.1,0.2))"], [0.1, 0.1], False),
    ],
)
def test_which_axis_is_logarithmic(listed: list[str], values: list[float], answer: bool) -> None:
    assert is_logarithmic(listed, values) is answer


def test_brief() -> None:
    assert [brief(text) for text in ("0.005912673903374877", "lstm", "128", "a_long_name")] == [
        "0.005913",
        "lstm",
        "128",
        "a_long_name",
    ]
