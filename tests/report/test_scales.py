"""Axes: values to pixels, and where ticks stand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.report.scales import Categories, Linear, Logarithmic, for_parameter, linear

FINITE = st.floats(-1e12, 1e12, allow_nan=False)


@given(st.lists(FINITE, min_size=1, max_size=20))
def test_an_axis_holds_its_values_and_few_ticks(values: list[float]) -> None:
    axis = linear(values, 100.0, 0.0)
    assert all(0 <= axis.at(value) <= 100 for value in values)
    ticks = axis.ticks()
    assert len(ticks) <= 12
    assert all(0 <= pixel <= 100 for pixel, _ in ticks)


def test_linear_ticks_are_round() -> None:
    assert [text for _, text in Linear(0, 1000, 0, 100).ticks()] == ["0", "200", "400", "600", "800", "1,000"]
    assert [text for _, text in Linear(1.64, 1.83, 0, 100).ticks()] == ["1.65", "1.70", "1.75", "1.80"]


def test_counts_have_no_ticks_between_them() -> None:
    assert [text for _, text in Linear(0, 2, 0, 100, whole=True).ticks()] == ["0", "1", "2"]
    assert [text for _, text in Linear(0, 1000, 0, 100, whole=True).ticks()][:2] == ["0", "200"]


def test_very_large_and_very_small_numbers_stay_short() -> None:
    for low, high in ((0, 1e30), (0, 1e-30), (-1e12, 1e12)):
        assert all(len(text) < 16 for _, text in Linear(low, high, 0, 100).ticks())


def test_intervals_keep_the_axis_that_they_were_searched_on() -> None:
    assert isinstance(for_parameter(["0.001", "0.4"], 0, 100, ["interval(0.0,0.5)"])[0], Linear)
    assert isinstance(for_parameter(["0.1", "0.2"], 0, 100, ["tag(log,interval(0.1,1.0))"])[0], Logarithmic)


def test_beyond_the_border_is_on_the_border() -> None:
    axis = Linear(0, 1, 10, 20)
    assert (axis.at(-5), axis.at(0.5), axis.at(math.inf)) == (10, 15, 20)


def test_logarithmic_beyond_a_decade() -> None:
    axis, values = for_parameter(["0.001", "0.01", "0.1"], 0, 100)
    assert isinstance(axis, Logarithmic)
    first, second, third = (axis.at(value) for value in values)
    assert second - first == pytest.approx(third - second)
    assert [text for _, text in axis.ticks()] == ["0.001", "0.01", "0.1"]


def test_many_values_have_ticks_at_powers_of_ten() -> None:
    axis, _ = for_parameter([f"{10 ** (-k / 4):.4g}" for k in range(9)], 0, 100)
    assert [text for _, text in axis.ticks()] == ["0.01", "0.03", "0.1", "0.3", "1"]


def test_a_few_numbers_are_ticks_themselves() -> None:
    axis, _ = for_parameter(["256", "32", "64", "32"], 0, 100)
    assert [text for _, text in axis.ticks()] == ["32", "64", "256"]


def test_linear_within_a_decade_and_categories_for_names() -> None:
    assert isinstance(for_parameter(["1", "2", "3"], 0, 100)[0], Linear)
    assert isinstance(for_parameter(["0", "100"], 0, 100)[0], Linear)
    axis, places = for_parameter(["lstm", "gru", "lstm"], 0, 100)
    assert isinstance(axis, Categories)
    assert [axis.at(place) for place in places] == [75, 25, 75]


def test_values_that_are_written_differently_but_equal() -> None:
    axis, values = for_parameter(["1", "1.0"], 0, 100)
    assert axis.at(values[0]) == axis.at(values[1])
