"""Blocks: every combination of some lists gets the same draws of everything else."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.errors import RequestError
from rnnlab.sweep.base import Sampler
from rnnlab.sweep.dimensions import Choices, Interval
from rnnlab.sweep.place import Place
from rnnlab.sweep.plan import complete, draft
from rnnlab.sweep.samplers import candidates, rounds
from rnnlab.sweep.space import Space

DRAWN = [Sampler.random, Sampler.qmc]
LR = Interval(1e-4, 3e-2, log=True)
CELLS, SIZES = Choices(("lstm", "gru", "elman")), Choices(("small", "large"))
SPACE = Space((), {"cell": CELLS, "optimizer.lr": LR, "size": SIZES, "stack.depth": Choices(("1", "2", "3"))})
BASE = ["data=hello", "bptt.window=4", "tracking.store=none", "cell=elman,lstm,gru", "sweep.sampler=random"]
SEARCH = [*BASE, "optimizer.lr=tag(log,interval(1e-4,3e-2))", "sweep.blocks=[cell]"]


@pytest.mark.parametrize("sampler", DRAWN)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**40), draws=st.integers(1, 30))
def test_each_block_gets_the_draws_of_the_space_without_blocks(sampler: Sampler, seed: int, draws: int) -> None:
    others = Space((), {key: SPACE.dimensions[key] for key in ("optimizer.lr", "stack.depth")})
    alone = list(islice(candidates(others, sampler, seed, draws), draws))
    found = list(islice(rounds(SPACE, sampler, seed, 6 * draws, ["cell", "size"]), draws))
    for drawn, members in zip(alone, found, strict=True):
        assert [{key: member[key] for key in drawn} for member in members] == [drawn] * 6
        assert Counter((m["cell"], m["size"]) for m in members) == {
            (c, s): 1 for c in CELLS.values for s in SIZES.values
        }


@pytest.mark.parametrize("sampler", DRAWN)
def test_no_order_plays_a_part_and_a_longer_search_begins_with_the_shorter(sampler: Sampler) -> None:
    turned = Space((), {**dict(reversed(SPACE.dimensions.items())), "cell": Choices(("elman", "lstm", "gru"))})
    short = list(islice(rounds(SPACE, sampler, 3, 24, ["cell", "size"]), 4))
    long = list(islice(rounds(turned, sampler, 3, 96, ["size", "cell"]), 16))
    assert long[:4] == short


def test_a_space_that_repeats_itself_stays_balanced() -> None:
    space = Space((), {"cell": CELLS, "stack.depth": Choices(("1", "2", "3"))})
    found = list(rounds(space, Sampler.random, 0, 9, ["cell"]))
    assert sorted((m["cell"], m["stack.depth"]) for members in found for m in members) == sorted(
        (cell, depth) for cell in CELLS.values for depth in "123"
    )


def test_a_part_without_the_setting_still_counts_as_often_as_the_others() -> None:
    dimensions = {"cell": CELLS, "cell.forget_bias": Choices(("0", "1", "2")), "optimizer.lr": LR}
    space = Space((), dimensions, owners={"cell.forget_bias": ("lstm",)})
    members = [m for each in islice(rounds(space, Sampler.random, 0, 60, ["cell"]), 20) for m in each]
    assert Counter(m["cell"] for m in members) == dict.fromkeys(CELLS.values, 20)
    assert all(("cell.forget_bias" in m) == (m["cell"] == "lstm") for m in members)


def test_a_plan_takes_blocks_in_turn(workspace: Path) -> None:
    plan = complete(draft([*SEARCH, "sweep.n_trials=6"], Place()))
    assert [trial.varied["cell"] for trial in plan.trials] == ["elman", "gru", "lstm"] * 2
    assert [trial.number for trial in plan.trials] == list(range(6))
    rates = [trial.varied["optimizer.lr"] for trial in plan.trials]
    assert rates[:3] == [rates[0]] * 3 and rates[3:] == [rates[3]] * 3 and rates[0] != rates[3]


def test_a_constraint_that_one_block_breaks_leaves_the_draw_out_for_all(workspace: Path) -> None:
    sized = ["cell.hidden_size=int(interval(4,40))", 'sweep.constraints=["parameters <= 3000"]', "sweep.n_trials=9"]
    plan = complete(draft([*SEARCH, *sized], Place()))
    assert Counter(trial.varied["cell"] for trial in plan.trials) == {"elman": 3, "gru": 3, "lstm": 3}
    assert plan.left_out > 0 and plan.left_out % 3 == 0


def test_blocks_are_part_of_what_a_sweep_is(workspace: Path) -> None:
    def name(*settings: str) -> str:
        return draft([*BASE, "optimizer.lr=interval(1e-4,3e-2)", "sweep.n_trials=6", *settings], Place()).id

    assert name() == name("sweep.blocks=[]") != name("sweep.blocks=[cell]")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sweep.n_trials=7"], "sweep.n_trials = 7: with 3 blocks of equal size it can be 6 or 9"),
        (["sweep.n_trials=2"], "it can be 3"),
        (["sweep.n_trials=6", "sweep.blocks=[cel]"], "sweep.blocks = 'cel': it must be a list that is searched"),
        (["sweep.n_trials=6", "sweep.blocks=[optimizer.lr]"], "there are: cell"),
        (
            ["sweep.n_trials=6", "sweep.sampler=tpe"],
            "sweep.sampler = 'tpe': with sweep.blocks it must be random or qmc",
        ),
        (["sweep.n_trials=6", "sweep.pruner=median"], "sweep.pruner = 'median'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(arguments: list[str], said: str, workspace: Path) -> None:
    with pytest.raises(RequestError) as error:
        complete(draft([*SEARCH, *arguments], Place()))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
