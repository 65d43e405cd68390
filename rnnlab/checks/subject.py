"""A cell under examination: small ones of it, with states that it can reach and weights that hide nothing.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend, backends_of, prepare, run_cell, run_loop
from rnnlab.models.cells.base import Cell, Edit, State

Values = dict[str, Tensor]
"""Every named intermediate over all steps, (B, T, H)."""

EVERY = tuple(backend for backend in Backend if backend is not Backend.auto)
"""The backends that are checked unless fewer are asked for."""


@dataclass(frozen=True, slots=True)
class Subject:
    """The cell of the option ``name``. ``backends``: those that may be used; ``settings``: of its Config."""

    name: str
    backends: tuple[Backend, ...] = EVERY
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def cell_class(self) -> type[Cell]:
        return registry.component("cell", self.name)

    def config(self, hidden_size: int = 4) -> Cell.Config:
        return self.cell_class.Config(name=self.name, hidden_size=hidden_size, **self.settings)

    def cell(self, dtype: torch.dtype = torch.float64, input_size: int = 3, hidden_size: int = 4) -> Cell:
        """The same cell at each call. Noise is added: a bias of zero would hide a mistake in its use."""
        torch.manual_seed(0)
        cell: Cell = registry.build("cell", self.config(hidden_size), input_size)
        with torch.no_grad():
            for parameter in cell.parameters():
                parameter.add_(0.3 * torch.randn_like(parameter))
        return cell.to(dtype)

    def backends_of(self, cell: Cell) -> list[Backend]:
        """The backends that may be used and that can run the cell on this machine, the fastest first; else the loop.

        Steps are compiled as they are trained with, in float32 and in the default form: each other one is
        a program of its own, and takes seconds to build.
        """
        like = next(cell.parameters())
        wanted = [backend for backend in backends_of(cell) if backend in self.backends]
        if like.dtype is not torch.float32 or self.settings:
            wanted = [backend for backend in wanted if backend is not Backend.compiled]
        can = dict.fromkeys(prepare(backend, cell, like, lambda line: None) for backend in wanted)
        return list(can) or [Backend.loop]


def variants(subject: Subject) -> Iterator[Subject]:
    """The subject as its defaults have it, and once more for each other form that its own Config offers."""
    yield subject
    shared = {f.name for f in fields(Cell.Config)}
    for f in fields(subject.cell_class.Config):
        if f.name in shared:
            continue
        for other in other_values(f.default):
            variant = Subject(subject.name, subject.backends, {**subject.settings, f.name: other})
            if allowed(variant):
                yield variant


def other_values(default: Any) -> list[Any]:
    if isinstance(default, bool):
        return [not default]
    return [member for member in type(default) if member is not default] if isinstance(default, Enum) else []


def allowed(subject: Subject) -> bool:
    """Whether the cell takes these settings together; one that needs another beside it is no form of its own."""
    try:
        subject.config()
    except RequestError:
        return False
    return True


def inputs(cell: Cell, rows: int, steps: int) -> Tensor:
    """x_BTD from a standard normal distribution."""
    like = next(cell.parameters())
    return torch.randn(rows, steps, cell.input_size, dtype=like.dtype)


def reached_state(cell: Cell, rows: int) -> State:
    """A state that the cell comes to by itself, after three steps."""
    with torch.no_grad():
        _, state = run_loop(cell, inputs(cell, rows, 3), cell.initial_state(rows), cell.weights())
    return state


def run(cell: Cell, x_BTD: Tensor, state: State, backend: Backend = Backend.loop) -> tuple[Tensor, State]:
    """y_BTH and the last state."""
    return run_cell(cell, x_BTD, state, cell.weights(), backend)


def traced(cell: Cell, x_BTD: Tensor, state: State) -> tuple[Tensor, State, Values]:
    """The loop with everything that it names."""
    kept: dict[str, list[Tensor]] = {}

    def edit_at(t: int) -> Edit:
        def keep(name: str, value: Tensor) -> Tensor:
            kept.setdefault(name, []).append(value)
            return value

        return keep

    output, last = run_loop(cell, x_BTD, state, cell.weights(), edit_at)
    return output, last, {name: torch.stack(steps, dim=1) for name, steps in kept.items()}


class Runner(nn.Module):
    """A cell over time as a module, so that its weights can be handed in as arguments."""

    def __init__(self, cell: Cell, backend: Backend) -> None:
        super().__init__()
        self.cell = cell
        self.backend = backend

    def forward(self, x_BTD: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        output, last = run(self.cell, x_BTD, state, self.backend)
        return output, *last


def difference(ours: Tensor, theirs: Tensor) -> float:
    """The largest absolute difference; where one is not a number it is infinite."""
    return float((ours - theirs).detach().abs().nan_to_num(nan=torch.inf, posinf=torch.inf).max())
