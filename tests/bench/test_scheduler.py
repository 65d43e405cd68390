"""The simulation of a sweep: every run once, the same for the same seed, and never better than possible."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.bench.scheduler import STAGES, batch_makespan, check, lower_bound, scheduler, simulated
from rnnlab.errors import WorkError

REAL_TIME = "decisions_per_second"
seeds = st.integers(0, 2**32)


@given(st.integers(1, 12), st.integers(1, 60), seeds)
def test_each_run_completes_exactly_once(slots: int, runs: int, seed: int) -> None:
    simulation = simulated(slots, runs, seed)
    simulation.work()
    check(simulation)
    assert set(simulation.completions.values()) == {1}
    assert set(simulation.stages_done.values()) == {STAGES}
    assert simulation.busy == pytest.approx(sum(simulation.seconds.values()))


@given(st.integers(1, 12), st.integers(1, 60), seeds)
def test_the_makespan_is_that_of_a_list_schedule(slots: int, runs: int, seed: int) -> None:
    """Not below what is possible, and by Graham's theorem at most 2 - 1/slots times the best."""
    row = scheduler(slots, runs, seed)
    assert 1 - 1e-9 <= row["ratio"] <= 2 - 1 / slots + 1e-9
    assert -1e-9 <= row["idle_share"] < 1
    assert row["batch_ratio"] >= 1 - 1e-9


def test_equal_seeds_make_equal_simulations() -> None:
    first, again, other = (scheduler(7, 200, seed) for seed in (3, 3, 4))
    assert first | {REAL_TIME: 0} == again | {REAL_TIME: 0}
    assert first["makespan_hours"] != other["makespan_hours"]


def test_workers_are_lost() -> None:
    assert scheduler(5, 500, 0)["lost"] > 0


def test_a_run_that_was_forgotten_or_repeated_is_found() -> None:
    simulation = simulated(2, 5, 0)
    with pytest.raises(WorkError, match="5 runs did not complete exactly once"):
        check(simulation)
    simulation.work()
    simulation.completions["00000003"] += 1
    with pytest.raises(WorkError, match="the first of them 00000003"):
        check(simulation)


def test_bounds_by_hand() -> None:
    assert lower_bound([1, 2, 3], slots=1) == 6
    assert lower_bound([1, 2, 9], slots=2) == 9
    assert batch_makespan([1, 5, 2, 2, 7], slots=2) == 5 + 2 + 7


def test_the_command(cli: Callable[..., Any]) -> None:
    arguments = ("bench", "scheduler", "--slots", "3", "--runs", "20", "--seed", "1", "--json")
    (row,) = cli(*arguments).data["rows"]
    assert (row["slots"], row["runs"]) == (3, 20)
    assert row | {REAL_TIME: 0} == scheduler(3, 20, 1) | {REAL_TIME: 0}


@pytest.mark.parametrize("wrong", [("--slots", "0"), ("--runs", "0"), ("--runs", "many")])
def test_wrong_sizes_end_in_one_line(wrong: tuple[str, str], cli: Callable[..., Any]) -> None:
    answer = cli("bench", "scheduler", *wrong)
    assert answer.exit_code == 2
    assert answer.stderr.count("\n") == 1
    assert wrong[0] in answer.stderr
