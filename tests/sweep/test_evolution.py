"""CMA-ES: a function of its arguments alone, which finds the least point of functions that chance does not find."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.sweep.evolution import Drawn, draw

Function = Callable[[list[float]], float]


def sphere(point: list[float]) -> float:
    return sum((share - least) ** 2 for share, least in zip(point, (0.7, 0.2, 0.4), strict=True))


def ellipsoid(point: list[float]) -> float:
    """Its axes, of very different lengths, lie across the settings."""
    a, b, c = (share - least for share, least in zip(point, (0.6, 0.3, 0.5), strict=True))
    return (a + b + c) ** 2 + 30 * (a - b) ** 2 + 100 * (a + b - 2 * c) ** 2


def search(function: Function, seed: int, trials: int, dimensions: int = 3) -> list[Drawn]:
    drawn: list[Drawn] = []
    for number in range(trials):
        generation, point = draw(dimensions, seed, number, drawn)
        drawn.append(Drawn(generation, point, function(point)))
    return drawn


@pytest.mark.parametrize(("function", "share"), [(sphere, 0.05), (ellipsoid, 0.25)])
def test_it_comes_much_nearer_than_chance(function: Function, share: float) -> None:
    found, drawn = [], []
    for seed in range(5):
        found.append(min(each.value for each in search(function, seed, 140)))
        chance = Random(seed)
        drawn.append(min(function([chance.random() for _ in range(3)]) for _ in range(140)))
    assert sum(found) < share * sum(drawn)


def test_it_repeats_itself_from_what_was_written_down() -> None:
    whole = search(sphere, 3, 30)
    for number in (0, 1, 7, 8, 29):
        assert draw(3, 3, number, whole[:number]) == (whole[number].generation, whole[number].point)
    assert search(sphere, 4, 1) != whole[:1]
    assert draw(3, 3, 30, iter(whole)) == draw(3, 3, 30, whole)


def test_points_of_one_generation_differ_while_it_runs() -> None:
    points = [draw(3, 0, number, []) for number in range(20)]
    assert {generation for generation, _ in points} == {0}
    assert len({tuple(point) for _, point in points}) == 20


def test_the_last_of_a_generation_may_end_after_later_ones_were_drawn() -> None:
    whole = search(sphere, 0, 7)
    ended = [*whole[:3], *whole[4:]]  # the fourth still runs
    generation, point = draw(3, 0, 7, ended)
    assert generation == 0
    ended.append(Drawn(generation, point, sphere(point)))
    assert draw(3, 0, 8, ended)[0] == 1, "there are enough to go on"
    assert draw(3, 0, 8, [*whole, ended[-1]])[0] == 1, "and what is too many is left out"


@settings(max_examples=50, deadline=None)
@given(
    st.integers(1, 6),
    st.integers(0, 2**40),
    st.lists(st.sampled_from([0.0, 1.0, -1e308, 1e308, float("inf"), float("nan"), None]), min_size=1, max_size=40),
)
def test_whatever_the_values_are_the_next_point_lies_in_the_cube(
    dimensions: int, seed: int, values: list[float | None]
) -> None:
    drawn: list[Drawn] = []
    for number, value in enumerate(values):
        generation, point = draw(dimensions, seed, number, drawn)
        assert len(point) == dimensions
        assert all(0 <= share < 1 for share in point)
        drawn.append(Drawn(generation, point, value))


def test_trials_without_a_value_are_the_worst() -> None:
    """Where half of the cube breaks a constraint, the search goes to the other half."""

    def kept(point: list[float]) -> float | None:
        return None if point[0] < 0.5 else point[1]

    later = search(kept, 1, 80)[40:]
    assert sum(each.value is not None for each in later) > 30
