"""Draws that anybody can repeat: the same by number, whatever was drawn before and however many are wanted."""

from __future__ import annotations

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.sweep.base import Sampler
from rnnlab.sweep.dimensions import Choices, Interval
from rnnlab.sweep.samplers import candidates, random_shares, sobol_shares
from rnnlab.sweep.space import Space

LR = Interval(1e-4, 3e-2, log=True)
DRAWN = [Sampler.random, Sampler.qmc]
SPACE = Space((), {"optimizer.lr": LR, "cell": Choices(("lstm", "elman")), "stack.depth": Interval(1, 4, whole=True)})


@pytest.mark.parametrize("sampler", DRAWN)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**40), few=st.integers(1, 100), more=st.integers(1, 100))
def test_a_longer_search_begins_with_the_shorter_one(sampler: Sampler, seed: int, few: int, more: int) -> None:
    short = list(islice(candidates(SPACE, sampler, seed, few), few))
    long = list(islice(candidates(SPACE, sampler, seed, few + more), few + more))
    assert long[:few] == short
    assert len(long) == few + more


@pytest.mark.parametrize("sampler", DRAWN)
def test_neither_the_order_of_keys_nor_of_values_plays_a_part(sampler: Sampler) -> None:
    turned = Space((), {**dict(reversed(SPACE.dimensions.items())), "cell": Choices(("elman", "lstm"))})
    assert list(candidates(turned, sampler, 3, 9)) == list(candidates(SPACE, sampler, 3, 9))


@pytest.mark.parametrize("sampler", DRAWN)
def test_another_seed_gives_other_trials(sampler: Sampler) -> None:
    firsts = [next(candidates(SPACE, sampler, seed, 1))["optimizer.lr"] for seed in range(20)]
    assert len(set(firsts)) == 20


def test_the_draws_are_those_of_every_release() -> None:
    assert next(candidates(SPACE, Sampler.random, 0, 1)) == {
        "optimizer.lr": "0.00480788",
        "cell": "lstm",
        "stack.depth": "2",
    }
    assert next(candidates(SPACE, Sampler.qmc, 0, 1)) == {
        "optimizer.lr": "0.024448",
        "cell": "elman",
        "stack.depth": "4",
    }


@pytest.mark.parametrize("sampler", DRAWN)
def test_a_small_space_is_drawn_whole_and_nothing_twice(sampler: Sampler) -> None:
    space = Space((), {"cell": Choices(("elman", "gru", "lstm")), "stack.depth": Choices(("1", "2", "3", "4"))})
    drawn = list(candidates(space, sampler, 1, 12))
    assert len(drawn) == 12
    assert sorted(map(str, drawn)) == sorted(map(str, space.grid()))


@pytest.mark.parametrize("sampler", [each for each in Sampler if not each.learns])
def test_without_a_dimension_there_is_one_combination(sampler: Sampler) -> None:
    assert list(candidates(Space((), {}), sampler, 0, 1)) == [{}]


@pytest.mark.parametrize("sampler", [Sampler.grid, *DRAWN])
def test_what_belongs_to_a_part_is_left_out_with_the_others(sampler: Sampler) -> None:
    dimensions = {"cell": Choices(("elman", "lstm")), "cell.forget_bias": Choices(("0", "1", "2"))}
    space = Space((), dimensions, owners={"cell.forget_bias": ("lstm",)})
    found = list(candidates(space, sampler, 0, 6))
    assert {"cell": "elman"} in found
    assert len(found) == 4


def test_random_draws_are_even_and_independent() -> None:
    points = list(islice(random_shares(7, ["a", "b"]), 4000))
    quarters = [sum(4 * a // 1 == i and 4 * b // 1 == j for a, b in points) for i in range(4) for j in range(4)]
    chi_squared = sum((count - 250) ** 2 / 250 for count in quarters)
    assert chi_squared < 37.7  # 99.9 % of the distribution with 15 degrees of freedom; the draws are fixed


def test_a_sobol_sequence_is_even_in_every_block_of_a_power_of_two() -> None:
    points = list(islice(sobol_shares(7, ["a", "b", "c"]), 128))
    for start in (0, 16, 64, 112):
        for axis in range(3):
            assert sorted(int(16 * point[axis]) for point in points[start : start + 16]) == list(range(16))
