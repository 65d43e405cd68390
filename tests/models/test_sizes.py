"""Counting a stack, and the hidden size nearest to a number of parameters, against brute force."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config import registry
from rnnlab.config.schema import require
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell
from rnnlab.models.connections import Connections
from rnnlab.models.model import build_stack
from rnnlab.models.sizes import layer_sizes, nearest_hidden_size, output_size, parameter_count
from rnnlab.models.stack import Stack

every_cell = pytest.mark.parametrize("name", registry.names("cell"))
stacks = st.builds(
    Stack.Config,
    depth=st.integers(1, 4),
    connections=st.sampled_from(Connections),
    bidirectional=st.booleans(),
    layer_norm=st.booleans(),
    learned_state=st.booleans(),
)


def config_of(name: str) -> Any:
    return registry.component("cell", name).Config(name=name)


def built(stack: Stack.Config, cell: Any, input_size: int) -> Stack:
    with torch.device("meta"):
        return build_stack(stack, cell, input_size)


@every_cell
@given(stack=stacks)
@settings(max_examples=8, deadline=None)
def test_the_count_is_that_of_the_stack(name: str, stack: Stack.Config) -> None:
    cell = replace(config_of(name), hidden_size=8)
    model = built(stack, cell, 3)
    assert parameter_count(stack, cell, 8, 3) == sum(p.numel() for p in model.parameters())
    assert output_size(stack, 8) == model.output_size
    sizes = [size for size in layer_sizes(stack, 8, 3) for _ in range(stack.directions)]
    assert sizes == [(made.input_size, made.hidden_size) for made in model.layers()]


@every_cell
@given(stack=stacks, wanted=st.integers(1, 3000), input_size=st.integers(1, 20))
@settings(max_examples=10, deadline=None)
def test_the_nearest_size_is_that_of_brute_force(name: str, stack: Stack.Config, wanted: int, input_size: int) -> None:
    stack, cell = replace(stack, parameters=wanted), config_of(name)
    counts = {}
    for H in range(1, 3001):
        try:
            replace(cell, hidden_size=H)
        except RequestError:
            continue
        counts[H] = parameter_count(stack, cell, H, input_size)
        if counts[H] > 2 * wanted:
            break
    if min(counts.values()) > wanted:
        with pytest.raises(RequestError, match=f"cell={name} has at least {min(counts.values()):,} in this stack"):
            nearest_hidden_size(stack, cell, input_size)
        return
    assert nearest_hidden_size(stack, cell, input_size) == min(counts, key=lambda H: abs(counts[H] - wanted))


@every_cell
def test_the_chosen_size_is_built(name: str) -> None:
    stack = Stack.Config(parameters=5000, depth=2)
    model = built(stack, config_of(name), 16)
    assert sum(p.numel() for p in model.parameters()) == pytest.approx(5000, rel=0.15)
    assert len({cell.hidden_size for cell in model.layers()}) == 1


@dataclass(kw_only=True, slots=True)
class EvenConfig(Cell.Config):
    """A cell that comes in even sizes only."""

    def __post_init__(self) -> None:
        require(self.hidden_size % 4 == 0, "cell.hidden_size", self.hidden_size, "it must be a multiple of 4")


@given(wanted=st.integers(1, 5000))
def test_sizes_that_a_cell_refuses_are_passed_over(wanted: int) -> None:
    stack, cell = Stack.Config(parameters=wanted), EvenConfig(name="elman")
    counts = {H: H * (3 + H + 1) for H in range(4, 200, 4)}
    if wanted < counts[4]:
        with pytest.raises(RequestError, match="at least 32 in this stack .hidden_size 4, 3 features"):
            nearest_hidden_size(stack, cell, 3)
    else:
        assert nearest_hidden_size(stack, cell, 3) == min(counts, key=lambda H: abs(counts[H] - wanted))


@pytest.mark.parametrize(
    ("given_settings", "line"),
    [
        ({"hidden_sizes": [4]}, r"stack.hidden_sizes = \[4\]: it must hold a size for each of the 2 layers"),
        ({"hidden_sizes": [4, 0]}, r"stack.hidden_sizes = \[4, 0\]: each must be at least 1"),
        ({"hidden_sizes": [4, 4], "parameters": 100}, r"stack.parameters = 100: .* leave out stack.hidden_sizes"),
        ({"parameters": 0}, r"stack.parameters = 0: it must be at least 1"),
        ({"zoneout": 1.0}, r"stack.zoneout = 1.0: it must be in \[0, 1\)"),
        ({"drop_connect": -0.1}, r"stack.drop_connect = -0.1: it must be in \[0, 1\)"),
    ],
)
def test_settings_that_cannot_be(given_settings: dict[str, Any], line: str) -> None:
    with pytest.raises(RequestError, match=line):
        Stack.Config(depth=2, **given_settings)
