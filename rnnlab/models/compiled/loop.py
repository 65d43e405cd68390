"""The time loop over compiled steps, there and back, with one product for each weight's gradient at the end.

Shapes: B batch, T time, D input features, G gates, H hidden units.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from rnnlab.models.cells.base import Cell, State, Weights
from rnnlab.models.compiled.graphs import Place
from rnnlab.models.compiled.program import Program
from rnnlab.models.compiled.steps import compiled_steps, numbers_as_tensors


def run_compiled(cell: Cell, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
    """The same as the loop, each step one compiled call: y_BTH and the last state. Derivatives of first order only.

    The recurrence is computed in the type of the state, also where the rest runs under autocast.
    """
    p_TBG = cell.project_over_time(x_BTD).to(state[0].dtype)
    program = compiled_steps(cell, p_TBG.device, p_TBG.dtype)
    inputs = (p_TBG, *(part.contiguous() for part in state), *numbers_as_tensors(w, p_TBG))
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs):
        y_BTH, *after = CompiledLoop.apply(program, len(state), *inputs)
    else:
        y_BTH, after, _ = there(program, len(state), inputs, keep=False)
    return y_BTH, tuple(after)


class CompiledLoop(torch.autograd.Function):
    """(program, parts of the state, p_TBG, state, weights) -> (y_BTH, last state)."""

    @staticmethod
    def forward(ctx: Any, program: Program, parts: int, *inputs: Tensor) -> tuple[Tensor, ...]:
        y_BTH, after, ctx.steps = there(program, parts, inputs, keep=True)
        ctx.program, ctx.parts = program, parts
        ctx.save_for_backward(*inputs)
        return (y_BTH, *after)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, dy_BTH: Tensor, *d_state: Tensor) -> tuple[Any, ...]:
        return (None, None, *back(ctx.program, ctx.parts, ctx.saved_tensors, ctx.steps, dy_BTH, d_state))


Kept = list[tuple[Tensor, ...]]
"""For each step: p_BG, the state that it started from, and what it saved for the way back."""


def there(program: Program, parts: int, inputs: Sequence[Tensor], keep: bool) -> tuple[Tensor, list[Tensor], Kept]:
    """All steps in order: y_BTH, the last state, and what the way back needs (nothing, unless ``keep``)."""
    p_TBG, state, weights = inputs[0], list(inputs[1 : 1 + parts]), inputs[1 + parts :]
    outputs: list[Tensor] = []
    steps: Kept = []
    for p_BG in p_TBG.unbind(0):
        h_BH, *results = program.forward([p_BG, *state, *weights])
        if keep:
            steps.append((p_BG, *state, *results[parts:]))
        state = results[:parts]
        outputs.append(h_BH)
    return torch.stack(outputs, dim=1), state, steps


def back(
    program: Program,
    parts: int,
    inputs: Sequence[Tensor],
    steps: Kept,
    dy_BTH: Tensor,
    d_state: Sequence[Tensor],
) -> list[Tensor | None]:
    """The gradient of every input, from those of all outputs and of the last state."""
    weights = inputs[1 + parts :]
    ahead = {"input": 0, "saved": len(inputs), "tangent": len(inputs) + program.wiring.saved}
    ahead["output"] = ahead["tangent"] + 1 + parts

    def position(place: Place) -> int:
        return ahead[place.kind] + place.index

    needed = [position(place) for place in program.wiring.backward_inputs]
    gradients = [None if place is None else position(place) for place in program.wiring.gradients]
    pairs_of = program.wiring.products.items()
    factors = {index: [(position(a), position(b)) for a, b in pairs] for index, pairs in pairs_of}
    over_time: dict[int, list[Tensor]] = {at: [] for pairs in factors.values() for pair in pairs for at in pair}
    over_time |= {gradients[0]: []} if gradients[0] is not None else {}
    sums: dict[int, Tensor] = {}
    d_state = [part.contiguous() for part in d_state]
    for dy_BH, kept in zip(reversed(dy_BTH.transpose(0, 1).contiguous().unbind(0)), reversed(steps), strict=True):
        all_of_step = [*kept[: 1 + parts], *weights, *kept[1 + parts :], dy_BH, *d_state]
        all_of_step += program.backward([all_of_step[at] for at in needed])
        d_state = [zeros_or(all_of_step, at, part) for at, part in zip(gradients[1 : 1 + parts], d_state, strict=True)]
        for at, found in over_time.items():
            found.append(all_of_step[at])
        for index, where in enumerate(gradients[1 + parts :], start=1 + parts):
            if where is not None:
                sums[index] = all_of_step[where] if index not in sums else sums[index] + all_of_step[where]
    joined = {at: torch.stack(found[::-1]) for at, found in over_time.items()}
    d_inputs: list[Tensor | None] = [None if gradients[0] is None else joined[gradients[0]], *d_state]
    for index in range(1 + parts, len(inputs)):
        if index in factors:
            d_inputs.append(sum_of_products([(joined[a], joined[b]) for a, b in factors[index]]))
        else:
            d_inputs.append(sums.get(index))
    return d_inputs


def zeros_or(values: Sequence[Tensor], at: int | None, like: Tensor) -> Tensor:
    return torch.zeros_like(like) if at is None else values[at]


def sum_of_products(factors: Sequence[tuple[Tensor, Tensor]]) -> Tensor:
    """The sum of A' B over pairs, all steps and rows of which lie one above the other."""
    products = [a_TBN.flatten(0, 1).T @ b_TBM.flatten(0, 1) for a_TBN, b_TBM in factors]
    return torch.stack(products).sum(0) if len(products) > 1 else products[0]
