"""What a step shows of itself: its names, the shapes of its states, the trace, and edits of the trace."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.checks.finding import Measured, Wrong
from rnnlab.checks.subject import Subject, difference, inputs, reached_state, run, traced
from rnnlab.models.backends import run_loop
from rnnlab.models.cells.base import Cell, Edit, State, unedited

ROWS = 2


def state_shapes(subject: Subject) -> Measured:
    """A step returns the states that it was given: as many, (B, H) each, of the same type."""
    cell = subject.cell()
    before = cell.initial_state(ROWS)
    _output, after = cell.step(_first_sums(cell), before, cell.weights(), unedited)
    for what, state in (("initial_state", before), ("step", after)):
        if len(state) != len(cell.state_names):
            raise Wrong(
                f"{what} returns {len(state)} states, and state_names has {len(cell.state_names)}:"
                f" {', '.join(cell.state_names)}"
            )
    for name, old, new in zip(cell.state_names, before, after, strict=True):
        if old.shape != new.shape:
            raise Wrong(
                f"state {name}: step returns {tuple(new.shape)} where initial_state has {tuple(old.shape)};"
                " a state keeps its shape from step to step"
            )
        if old.dtype != new.dtype or old.shape != (ROWS, cell.hidden_size):
            raise Wrong(f"state {name}: {tuple(new.shape)} of {new.dtype}; (B, H) of the weights' type is needed")
    return Measured(0, 0, f"{', '.join(cell.state_names)} of (B, H)")


def names(subject: Subject) -> Measured:
    """A step passes exactly ``names`` through edit, in that order; h is the output, and states are among them."""
    cell = subject.cell()
    seen: dict[str, Tensor] = {}
    order: list[str] = []

    def note(name: str, value: Tensor) -> Tensor:
        order.append(name)
        seen[name] = value
        return value

    output, after = cell.step(_first_sums(cell), reached_state(cell, ROWS), cell.weights(), note)
    if tuple(order) != tuple(cell.names):
        raise Wrong(f"step edits {', '.join(order)}, and names has {', '.join(cell.names)}")
    if strange := [name for name in order if seen[name].shape != (ROWS, cell.hidden_size)]:
        raise Wrong(f"{strange[0]} is {tuple(seen[strange[0]].shape)}; every named value is (B, H)")
    results = {"h": output, **dict(zip(cell.state_names, after, strict=True))}
    for name, value in results.items():
        if name not in seen or not torch.equal(seen[name], value):
            raise Wrong(f"step does not return {name} as it came out of edit")
    return Measured(0, 0, ", ".join(order))


def trace(subject: Subject) -> Measured:
    """A traced run gives the numbers of the run itself."""
    cell = subject.cell()
    x_BTD, state = inputs(cell, ROWS, 5), reached_state(cell, ROWS)
    output, last, values = traced(cell, x_BTD, state)
    plain, plain_last = run(cell, x_BTD, state)
    pairs = [(output, plain), (values["h"], plain), *zip(last, plain_last, strict=True)]
    return Measured(max(difference(a, b) for a, b in pairs), 0, f"{len(values)} values a step")


def edit(subject: Subject) -> Measured:
    """An edited value changes nothing before it, and something after it, whichever value it is."""
    cell = subject.cell()
    x_BTD, state = inputs(cell, ROWS, 3), reached_state(cell, ROWS)
    plain, plain_results = _edited(cell, x_BTD, state, "")
    for position, name in enumerate(cell.names):
        values, results = _edited(cell, x_BTD, state, name)
        untouched = len(cell.names) + position + 1  # all of the step before, and this step up to the edited value
        for key in list(plain)[:untouched]:
            if not torch.equal(values[key], plain[key]):
                raise Wrong(f"an edit of {name} at step 1 changed {key[1]} at step {key[0]}, which comes before it")
        if all(torch.equal(ours, theirs) for ours, theirs in zip(results, plain_results, strict=True)):
            raise Wrong(f"an edit of {name} changes neither the output nor a state: the step does not use what it gets")
    return Measured(0, 0, f"{len(cell.names)} names, each edited alone")


def _edited(cell: Cell, x_BTD: Tensor, state: State, edited: str) -> tuple[dict[tuple[int, str], Tensor], list[Tensor]]:
    """Every value as it came into edit, by step and name; the output and last state after an edit at step 1."""
    values: dict[tuple[int, str], Tensor] = {}

    def edit_at(t: int) -> Edit:
        def change(name: str, value: Tensor) -> Tensor:
            values[t, name] = value
            return value + torch.randn_like(value) if t == 1 and name == edited else value

        return change

    output, last = run_loop(cell, x_BTD, state, cell.weights(), edit_at)
    return values, [output, *last]


def _first_sums(cell: Cell) -> Tensor:
    return cell.project(inputs(cell, ROWS, 1))[:, 0]
