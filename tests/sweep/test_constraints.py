"""Constraints: what can be said is read as it is meant, and everything else is refused in one line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.errors import RequestError
from rnnlab.sweep.constraints import KNOWN, Constraint, parse

bounds = st.integers(0, 10**12) | st.floats(0, 1e12).map(lambda number: round(number, 3))
figures = st.floats(0, 1e15)
relaxed = settings(deadline=None)


@relaxed
@given(st.sampled_from(KNOWN), st.booleans(), bounds, st.sampled_from(["", " ", "  "]))
def test_what_is_written_is_read(figure: str, at_most: bool, bound: float, space: str) -> None:
    written = f"{bound:f}" if isinstance(bound, float) else f"{bound:_}"
    (constraint,) = parse([f"{space}{figure}{space}{'<=' if at_most else '>='}{space}{written}{space}"])
    assert constraint == Constraint(figure, at_most, float(bound))


@relaxed
@given(st.sampled_from(KNOWN), st.booleans(), bounds)
def test_a_constraint_reads_what_it_says_itself(figure: str, at_most: bool, bound: float) -> None:
    constraint = Constraint(figure, at_most, float(f"{bound:.12g}"))
    assert parse([str(constraint)]) == (constraint,)


@relaxed
@given(st.booleans(), bounds, figures)
def test_it_is_broken_exactly_where_the_comparison_is_false(at_most: bool, bound: float, value: float) -> None:
    violation = Constraint("parameters", at_most, float(bound)).violation({"parameters": value})
    assert (violation <= 0) == (value <= bound if at_most else value >= bound)


@relaxed
@given(bounds, figures, figures)
def test_the_further_away_the_worse(bound: float, one: float, other: float) -> None:
    constraint = Constraint("parameters", True, float(bound))
    near, far = sorted([one, other])
    assert constraint.violation({"parameters": near}) <= constraint.violation({"parameters": far})


@relaxed
@given(st.text(max_size=30) | st.from_regex(r"parameters ?[<>=]{1,2} ?[0-9_.e+\-]{1,8}", fullmatch=True))
def test_whatever_is_written_is_a_constraint_or_one_line(text: str) -> None:
    try:
        (constraint,) = parse([text])
    except RequestError as error:
        assert str(error).startswith("sweep.constraints: ") and "\n" not in str(error)
    else:
        assert constraint.figure in KNOWN and 0 <= constraint.bound < float("inf")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("paramters <= 5", "did you mean 'parameters'"),
        ("seconds <= 5", "not known before training; possible: parameters, symbols_per_step"),
        ("parameters < 5", "<= or >="),
        ("parameters == 5", "<= or >="),
        ("parameters <= five", "a number"),
        ("parameters <= 1__0", "a number"),
        ("parameters <= 1_", "a number"),
        ("parameters <= -5", "a number"),
        ("parameters <= 1e999", "a number"),
        ("parameters <= nan", "a number"),
        ("parameters <= 5 and parameters >= 1", "a number"),
        ("", "a number"),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, words: str) -> None:
    with pytest.raises(RequestError, match=words):
        parse([text])


def test_numbers_as_people_write_them() -> None:
    read = [each.bound for each in parse(f"parameters <= {number}" for number in ("200_000", "2e5", "2E+5", "0.5"))]
    assert read == [200000, 200000, 200000, 0.5]
