"""The regulariser that asks of each step that it hands an error back in time at the size at which it came.

Shapes: B batch, T time, G gates, H hidden units, N = B T pairs of a row and a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend
from rnnlab.models.cells.base import Cell, Edit, State, Weights
from rnnlab.models.stack import Stack, StackState

BOUND = 1e-20
"""An error whose square is smaller has no direction that could be kept: the authors' code drops its term."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step as it was computed: what went in, and what came out and goes on to the loss or to later steps.

    p: (B, G). state: (B, H) each. outcome: (B, H) each, h among them, no two of them the same number.
    """

    p: Tensor
    state: State
    w: Weights
    outcome: State


class Watched(Cell):
    """A view of a cell that keeps every step. What a step hands on are nodes of their own in the graph.

    So the gradient with respect to c_t is what comes back from later steps alone, as that of h_t is with the
    error of its own step: both together are the whole error that this step receives.
    """

    def __init__(self, cell: Cell) -> None:
        super().__init__(cell.config, cell.input_size)
        self.cell = cell
        self.steps: list[Step] = []

    @classmethod
    def parameter_count(cls, config: Any, input_size: int) -> int:
        raise AssertionError("the cell inside counts its own parameters")

    def project(self, x_BTD: Tensor) -> Tensor:
        return self.cell.project(x_BTD)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH, after = apart(*self.cell.step(p_BG, state, w, edit))
        self.steps.append(Step(p_BG, state, w, all_of(h_BH, after)))
        return h_BH, after


class Omega:
    """Pascanu, Mikolov & Bengio 2013, "On the difficulty of training recurrent neural networks", section 3.3.

        Omega = mean_t (|delta_t d s_t / d s_(t-1)|^2 / |delta_t|^2 - 1)^2          delta_t = dL / d s_t

    s is the state of a layer, all of its parts side by side (and its output, where that is none of them). The
    mean is over rows and steps, the window's first among them; terms with |delta_t|^2 < 1e-20 are
    dropped, as in the authors' code. Layers are added up. As there, only the immediate dependence of the
    Jacobian on the recurrent weights is differentiated: delta, the states on both sides of a step and all
    that comes from its input are constants.

    A window costs its loss and gradient through the loop, and one step over all rows and times, forward and
    twice backward.
    """

    def __init__(self, alpha: float, stack: Stack) -> None:
        """``alpha``: the factor on Omega. RequestError for a cell whose states cannot be held constant."""
        self.alpha = alpha
        self.stack = stack
        self.last: Tensor | None = None
        """Omega of the window before, a scalar; None before the first."""
        for cell in stack.layers():
            _check(cell)
        stack.backend = Backend.loop  # no other one shows its steps

    def gradients(
        self, loss_of: Callable[[], tuple[Tensor, StackState]], parameters: Sequence[Tensor]
    ) -> tuple[Tensor, StackState]:
        """Put the gradient of loss + alpha Omega into ``parameters``; returns what ``loss_of`` gave."""
        cells, runners = list(self.stack.layers()), self.stack.runners
        watched = [Watched(runner) for runner in runners]
        self.stack.runners = tuple(watched)
        try:
            loss, state = loss_of()
        finally:
            self.stack.runners = runners
        layers = [each.steps for each in watched]
        outcomes = [part for steps in layers for step in steps for part in step.outcome]
        # The graph stays: weights that are made of parameters are passed through once more, for Omega.
        found = torch.autograd.grad(loss, [*parameters, *outcomes], retain_graph=True, allow_unused=True)
        of_loss, errors = found[: len(parameters)], iter(found[len(parameters) :])
        hold = Hold()
        penalty = sum(
            omega(cell, runner, steps, [_or_zeros(next(errors), part) for step in steps for part in step.outcome], hold)
            for cell, runner, steps in zip(cells, runners, layers, strict=True)
        )
        assert isinstance(penalty, Tensor)
        self.last = penalty.detach()
        of_penalty: Sequence[Tensor | None] = [None] * len(parameters)
        if penalty.requires_grad:
            hold.constant = True
            of_penalty = torch.autograd.grad(self.alpha * penalty, parameters, allow_unused=True)
        for parameter, first, second in zip(parameters, of_loss, of_penalty, strict=True):
            parameter.grad = first if second is None else second if first is None else first + second
        return loss.detach(), state


@dataclass(slots=True)
class Hold:
    """States after a step that hand an error on to those before it, and are then ``constant``."""

    constant: bool = False

    def edit(self, names: frozenset[str]) -> Edit:
        """An edit of a step that holds the values of these names."""

        def hold(name: str, value: Tensor) -> Tensor:
            if name in names and value.requires_grad:
                value.register_hook(lambda gradient: torch.zeros_like(gradient) if self.constant else None)
            return value

        return hold


def omega(cell: Cell, runner: Cell, steps: Sequence[Step], errors: Sequence[Tensor], hold: Hold) -> Tensor:
    """Omega of one layer, a scalar in the graph of its recurrent weights.

    errors  dL/d of every part of every step's outcome, (B, H) each, in their order
    """
    w = steps[0].w
    like = next(iter(vars(w).values()))
    parts = len(steps[0].outcome)
    p_NG = torch.cat([step.p for step in steps]).detach().to(like.dtype)
    states = tuple(
        torch.cat([step.state[part] for step in steps]).detach().to(like.dtype).requires_grad_()
        for part in range(len(steps[0].state))
    )
    delta = [torch.cat(list(errors[part::parts])).to(like.dtype) for part in range(parts)]
    held = frozenset({*cell.state_names, "h"})
    outcome = all_of(*runner.step(p_NG, states, w, hold.edit(held)))
    back = torch.autograd.grad(outcome, states, delta, create_graph=True, allow_unused=True, materialize_grads=True)
    came_N, went_N = squared(delta), squared(back)
    kept_N = came_N >= BOUND
    ratio_N = went_N / torch.where(kept_N, came_N, 1.0)
    terms_N = torch.where(kept_N, (ratio_N - 1) ** 2, 0.0)
    return terms_N.sum() / kept_N.sum().clamp(min=1)


def apart(h_BH: Tensor, state: State) -> tuple[Tensor, State]:
    """The same output and state, each a node of its own in the graph; one, where the output is a part of the state."""
    parts = tuple(part.view_as(part) for part in state)
    same = [view for part, view in zip(state, parts, strict=True) if part is h_BH]
    return (same[0] if same else h_BH.view_as(h_BH)), parts


def all_of(h_BH: Tensor, state: State) -> State:
    """Each node once: the parts of the state, and the output where it is none of them."""
    return state if any(part is h_BH for part in state) else (*state, h_BH)


def squared(parts: Sequence[Tensor]) -> Tensor:
    """The squared 2-norm over all parts, for each row."""
    total = torch.stack([part.square().sum(dim=-1) for part in parts])
    return total.sum(dim=0)


def _or_zeros(error: Tensor | None, part: Tensor) -> Tensor:
    return torch.zeros_like(part) if error is None else error


def _check(cell: Cell) -> None:
    """RequestError where a cell hides a part of its state from its edits, or has nothing that Omega could teach."""
    named = f"bptt.omega: cell={cell.config.name}"
    hidden = [name for name in cell.state_names if name not in cell.names]
    if hidden:
        raise RequestError(
            f"{named} does not pass {', '.join(hidden)} of its state through edit, so it cannot be held constant;"
            " name it in `names`, or leave bptt.omega=0"
        )
    if not vars(cell.weights()):
        raise RequestError(
            f"{named} has no recurrent weights: what a step hands back depends on its input alone; leave bptt.omega=0"
        )
