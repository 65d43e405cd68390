"""Shares become values: inside the interval, evenly, and readable by Hydra's grammar."""

from __future__ import annotations

import math

import optuna
import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.sweep.dimensions import Choices, Interval

shares = st.floats(0, 1, exclude_max=True)
ends = st.tuples(st.floats(1e-9, 1e6), st.floats(1.001, 1e6)).map(lambda pair: (pair[0], pair[0] * pair[1]))


@given(shares, ends, st.booleans())
def test_a_number_lies_in_its_interval_and_is_read_back_as_it_is(share: float, ends: tuple, log: bool) -> None:
    written = Interval(*ends, log=log).at(share)
    value = OverridesParser.create().parse_override(f"a={written}").value()
    assert ends[0] <= value <= ends[1]
    assert repr(value) == written


@given(shares, st.integers(1, 50), st.integers(0, 1000), st.booleans())
def test_a_whole_number_lies_in_its_interval(share: float, low: int, more: int, log: bool) -> None:
    interval = Interval(low, low + more, log=log, whole=True)
    assert low <= int(interval.at(share)) <= low + more
    assert interval.size == more + 1


@pytest.mark.parametrize("interval", [Interval(-3, 4, whole=True), Choices(tuple("gebdfahc"))])
def test_each_value_of_eight_has_an_eighth_of_the_shares(interval: Interval | Choices) -> None:
    drawn = [interval.at((k + 0.5) / 800) for k in range(800)]
    assert {drawn.count(value) for value in drawn} == {100}
    assert len(set(drawn)) == interval.size == 8


@pytest.mark.parametrize("whole", [False, True])
def test_each_doubling_of_a_logarithmic_interval_has_the_same_share(whole: bool) -> None:
    top = 2**10 - whole  # the last whole number stands for all up to the next one
    interval = Interval(1, top, log=True, whole=whole)
    doublings = [math.floor(math.log2(float(interval.at((k + 0.5) / 1000)))) for k in range(1000)]
    assert [doublings.count(each) for each in range(10)] == [100] * 10


def test_the_value_at_a_share_does_not_depend_on_the_order_of_a_list() -> None:
    one, other = Choices(("lstm", "10", "9", "1e1")), Choices(("1e1", "9", "lstm", "10"))
    assert [one.at(k / 4) for k in range(4)] == [other.at(k / 4) for k in range(4)] == ["9", "10", "1e1", "lstm"]


def test_an_infinite_number_among_choices_is_a_word() -> None:
    assert Choices(("inf", "1", "nan")).corners == ("1", "inf", "nan")


words = st.text("abxyz0_.+-", min_size=1, max_size=5)
numbers = st.integers(-20, 20).map(str)
choices = st.lists(words | numbers | st.just("--3"), min_size=1, max_size=6, unique=True).map(tuple).map(Choices)
steps = st.builds(range, st.integers(-9, 9), st.integers(10, 40), st.integers(1, 5)).map(
    lambda numbers: Choices(tuple(map(str, numbers)))
)
intervals = st.builds(lambda ends, log: Interval(*ends, log=log), ends, st.booleans())
wholes = st.builds(
    lambda low, more, log: Interval(low, low + more, log=log, whole=True),
    st.integers(1, 50),
    st.integers(1, 10**9),
    st.booleans(),
)


@settings(deadline=None)
@given(choices | steps | intervals | wholes, shares)
def test_optuna_takes_every_value_for_what_it_is(dimension: Choices | Interval, share: float) -> None:
    value = dimension.at(share)
    recorded = optuna.trial.create_trial(
        params={"a": dimension.number(value)}, distributions={"a": dimension.distribution()}, value=0.0
    )
    asked = optuna.trial.FixedTrial(recorded.params)
    assert dimension.suggested(asked, "a") == value
    assert asked.distributions == recorded.distributions, "asked for or recorded, a trial looks the same"


@settings(deadline=None, max_examples=30)
@given(choices | steps | intervals | wholes, st.integers(0, 99))
def test_what_optuna_suggests_is_a_value_of_the_dimension(dimension: Choices | Interval, seed: int) -> None:
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed))
    value = dimension.suggested(study.ask(), "a")
    if isinstance(dimension, Choices):
        assert value in dimension.values
    else:
        assert dimension.low <= float(value) <= dimension.high
        assert not dimension.whole or value == str(int(value))


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        (("3", "1", "2"), True),
        (("-4", "0", "4"), True),
        (("16", "32", "48", "64"), True),
        (("16", "32", "64"), False),
        (("1", "2"), False),
        (("1", "2", "3.0"), False),
        (("1", "2", "03"), False),
        (("1", "2", "three"), False),
        (("1", "2", "--3"), False),
    ],
)
def test_even_steps_of_whole_numbers_have_an_order(values: tuple[str, ...], ordered: bool) -> None:
    assert isinstance(Choices(values).distribution(), optuna.distributions.IntDistribution) is ordered
