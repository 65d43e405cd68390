"""Where a cell starts from: a learned initial state, and whether a cell's states are what they must be.

Shapes: B batch, T time, H hidden units.
"""

from __future__ import annotations

import torch
from torch import nn

from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell, unedited


def learned_start(cell: Cell) -> nn.ParameterDict:
    """A parameter (H,) for each part of the state by name, which starts as the cell's own initial state does."""
    parts = zip(cell.state_names, cell.initial_state(1), strict=True)
    return nn.ParameterDict({name: nn.Parameter(part[0].detach().clone()) for name, part in parts})


@torch.no_grad()
def check_state(cell: Cell) -> None:
    """RequestError where a step does not return a state like the one it gets: told by one step over zeros."""
    like = next(cell.parameters())
    if like.is_meta:  # a model that is only counted
        return
    rows = 2
    before = cell.initial_state(rows)
    p_BG = cell.project(like.new_zeros(rows, 1, cell.input_size))[:, 0]
    _, after = cell.step(p_BG, before, cell.weights(), unedited)
    named = f"cell={cell.config.name}"
    for what, state in (("initial_state gives", before), ("a step returns", after)):
        if len(state) != len(cell.state_names):
            names = ", ".join(cell.state_names)
            raise RequestError(f"{named}: {what} {len(state)} parts of a state, state_names has {names}")
    for name, first, then in zip(cell.state_names, before, after, strict=True):
        if first.shape != then.shape:
            raise RequestError(
                f"{named}: a step returns {name} with shape {tuple(then.shape)}, initial_state with"
                f" {tuple(first.shape)}; both must be (rows, hidden_size) = ({rows}, {cell.hidden_size})"
            )
