"""How large the layers of a stack are, and the hidden size that gives a wanted number of parameters.

Shapes: D input features, H hidden units.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from itertools import islice

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell
from rnnlab.models.connections import Connections
from rnnlab.models.stack import Stack


def layer_sizes(stack: Stack.Config, hidden_size: int, input_size: int) -> list[tuple[int, int]]:
    """(D, H) of each layer's cells, the lowest first; RequestError where a residual has nothing to be added to."""
    below, sizes = [input_size], []
    for layer, H in enumerate(hidden_sizes(stack, hidden_size)):
        D, output = sum(below), H * stack.directions
        if stack.connections is Connections.residual and layer > 0 and output != D:
            raise RequestError(
                f"stack.connections = 'residual': layer {layer} gives {output} features and reads {D}; only the first"
                " layer may differ: make stack.hidden_sizes equal, or choose plain or dense connections"
            )
        sizes.append((D, H))
        below = [*below, output] if stack.connections is Connections.dense else [output]
    return sizes


def hidden_sizes(stack: Stack.Config, hidden_size: int) -> list[int]:
    """H of each layer: ``hidden_size``, unless the stack has sizes of its own."""
    return stack.hidden_sizes or [hidden_size] * stack.depth


def output_size(stack: Stack.Config, hidden_size: int) -> int:
    """Features of what the stack gives to the task."""
    sizes = hidden_sizes(stack, hidden_size)
    return stack.directions * (sum(sizes) if stack.connections is Connections.dense else sizes[-1])


def parameter_count(stack: Stack.Config, cell: Cell.Config, hidden_size: int, input_size: int) -> int:
    """Numbers that the stack learns: cells, normalisations and initial states."""
    cell_class: type[Cell] = registry.component("cell", cell.name)
    sized, count = copy(cell), 0
    for D, H in layer_sizes(stack, hidden_size, input_size):
        sized.hidden_size = H  # not checked: a count says nothing about whether the cell takes this size
        count += cell_class.parameter_count(sized, D)
        count += 2 * H * stack.layer_norm + len(cell_class.state_names) * H * stack.learned_state
    return count * stack.directions


def nearest_hidden_size(stack: Stack.Config, cell: Cell.Config, input_size: int) -> int:
    """The hidden size whose stack comes nearest to ``stack.parameters``, the smaller of two equally near.

    The count grows with H and is at least H; but a cell may save a matrix where H is the input size (MUT1),
    which is a candidate of its own. RequestError where the smallest stack has more parameters.
    """
    wanted = stack.parameters
    assert wanted is not None

    def count(hidden_size: int) -> int:
        return parameter_count(stack, cell, hidden_size, input_size)

    def grown(hidden_size: int) -> int:
        return max(count(hidden_size), count(max(1, hidden_size - 1)))

    def first(sizes: Iterable[int]) -> list[int]:
        return list(islice((H for H in sizes if possible(cell, H)), 1))

    enough = 1 + bisect_left(range(1, wanted + 1), wanted, key=grown)
    below = first(size for size in range(enough - 1, 0, -1) if size != input_size)
    above = first(size for size in range(enough, 2 * max(enough, cell.hidden_size) + 1) if size != input_size)
    candidates = sorted(below + above + first([input_size]))
    nearest = min(candidates, key=lambda H: abs(count(H) - wanted))
    if all(count(H) > wanted for H in candidates):
        raise RequestError(
            f"stack.parameters = {wanted}: cell={cell.name} has at least {count(nearest):,} in this stack"
            f" (hidden_size {nearest}, {input_size} features to read); ask for more, or for fewer features or layers"
        )
    return nearest


def possible(cell: Cell.Config, hidden_size: int) -> bool:
    """Whether the cell takes this size: one with several heads takes multiples of their number only."""
    try:
        replace(cell, hidden_size=hidden_size)
    except RequestError:
        return False
    return True
