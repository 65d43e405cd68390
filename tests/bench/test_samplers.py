"""Searches of the formula: the same for the same seed, paid by what was trained, never below the minimum."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from rnnlab.bench.samplers import BUDGETS, search
from rnnlab.bench.surrogate import MINIMUM
from rnnlab.cli import bench
from rnnlab.sweep.base import Pruner, Sampler


def test_the_command_offers_every_sampler_that_draws() -> None:
    assert set(bench.SAMPLERS) == {each.value for each in Sampler} - {"grid"}


@pytest.mark.parametrize("sampler", [each for each in Sampler if each is not Sampler.grid])
def test_a_search_is_a_function_of_its_seed(sampler: Sampler, tmp_path: Path) -> None:
    first, again, other = (
        list(islice(search(tmp_path / name, sampler, Pruner.none, seed), 12))
        for name, seed in (("a", 0), ("b", 0), ("c", 1))
    )
    assert first == again != other
    assert all(cost == 1 and final >= MINIMUM for cost, final in first)


def test_a_pruned_run_costs_its_share_and_finds_nothing(tmp_path: Path) -> None:
    found = list(islice(search(tmp_path / "a", Sampler.random, Pruner.median, 0), 30))
    pruned = [final for cost, final in found if cost < 1]
    assert pruned and all(final == math.inf for final in pruned)
    assert all(math.isfinite(final) for cost, final in found if cost == 1)


def test_the_command(cli: Callable[..., Any]) -> None:
    rows = cli("bench", "samplers", "--samplers", "random,qmc", "--sweep-seeds", "3", "--json").data["rows"]
    assert [row["sampler"] for row in rows] == ["random", "qmc"]
    for row in rows:
        regrets = [row[f"after_{budget}"] for budget in BUDGETS]
        assert regrets == sorted(regrets, reverse=True) and regrets[-1] > 0
        assert all(row[f"low_{budget}"] <= row[f"after_{budget}"] <= row[f"high_{budget}"] for budget in BUDGETS)


@pytest.mark.parametrize("wrong", [("--samplers", "grid"), ("--pruner", "medium"), ("--sweep-seeds", "0")])
def test_a_wrong_request_is_one_line(wrong: tuple[str, str], cli: Callable[..., Any]) -> None:
    answer = cli("bench", "samplers", *wrong)
    assert answer.exit_code == 2 and wrong[0] in answer.stderr and answer.stderr.count("\n") == 1
