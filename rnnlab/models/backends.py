"""How the steps of one layer are computed: torch's fused kernel, a scan over time, compiled steps, or the loop.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from enum import Enum
from functools import cache

import torch
from torch import Tensor

from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell, Edit, State, Weights, unedited
from rnnlab.models.compiled.captured import run_captured
from rnnlab.models.compiled.loop import run_compiled
from rnnlab.models.compiled.program import CannotCompile
from rnnlab.models.compiled.steps import compiled_steps

log = logging.getLogger(__name__)


class Backend(str, Enum):
    """How a layer's steps are computed. All give the same numbers; ``auto`` takes the first that there is."""

    auto = "auto"
    native = "native"
    scan = "scan"
    compiled = "compiled"
    loop = "loop"


def backends_of(cell: Cell) -> list[Backend]:
    """The backends that can run a cell, in the order in which ``auto`` takes them: a kernel needs no compiler."""
    having = {
        Backend.native: cell.has_native,
        Backend.scan: cell.has_scan,
        Backend.compiled: True,
        Backend.loop: True,
    }
    return [backend for backend, has in having.items() if has]


def choose_backend(wanted: Backend, cell: Cell) -> Backend:
    """The backend for ``wanted``; RequestError where the cell does not have it."""
    possible = backends_of(cell)
    if wanted is Backend.auto:
        return possible[0]
    if wanted not in possible:
        raise RequestError(
            f"stack.backend = {wanted.value!r}: cell={cell.config.name} {WITHOUT[wanted]};"
            f" possible: {', '.join(['auto', *(backend.value for backend in possible)])}"
        )
    return wanted


WITHOUT = {
    Backend.native: "has no fused kernel in torch",
    Backend.scan: "is not linear in its state",
}


def prepare(backend: Backend, cell: Cell, like: Tensor, say: Callable[[str], None]) -> Backend:
    """Make a backend ready for tensors ``like`` this one. Returns it, or the loop where steps cannot be compiled.

    ``say`` is told when something is compiled, which takes some seconds, and when it cannot be.
    """
    if backend is not Backend.compiled or like.is_cuda:
        return backend
    try:
        compiled_steps(cell, like.device, like.dtype, lambda line: say(f"cell={cell.config.name}: {line}"))
    except CannotCompile as reason:
        say(instead(cell, reason))
        return Backend.loop
    return Backend.compiled


def instead(cell: Cell, reason: CannotCompile) -> str:
    return f"stack.backend: cell={cell.config.name} runs as a loop, its steps are not compiled: {reason}"


@cache
def say_once(line: str) -> None:
    log.warning(line)


def run_cell(cell: Cell, x_BTD: Tensor, state: State, w: Weights, backend: Backend) -> tuple[Tensor, State]:
    """One layer over all of T on ``backend``: y_BTH and the last state."""
    if backend is Backend.native:
        return cell.native(x_BTD, state, w)
    if backend is Backend.scan:
        return cell.scan(x_BTD, state, w)
    if backend is Backend.compiled:
        try:
            return (run_captured if x_BTD.is_cuda else run_compiled)(cell, x_BTD, state, w)
        except CannotCompile as reason:
            say_once(instead(cell, reason))
    return run_loop(cell, x_BTD, state, w)


def run_loop(
    cell: Cell, x_BTD: Tensor, state: State, w: Weights, edit_at: Callable[[int], Edit] = lambda t: unedited
) -> tuple[Tensor, State]:
    """The time loop: one step after the other."""
    return run_steps(cell, cell.project(x_BTD), state, w, edit_at)


def run_steps(
    cell: Cell, p_BTG: Tensor, state: State, w: Weights, edit_at: Callable[[int], Edit]
) -> tuple[Tensor, State]:
    """The time loop behind the projection of all steps."""
    outputs = []
    for t, p_BG in enumerate(p_BTG.unbind(dim=1)):
        h_BH, state = cell.step(p_BG, state, w, edit_at(t))
        outputs.append(h_BH)
    return torch.stack(outputs, dim=1), state
