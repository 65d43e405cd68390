"""What a cell carries from step to step: that it starts as declared, matters, can be handed on, and stays finite."""

from __future__ import annotations

import torch

from rnnlab.checks.finding import Measured, Wrong
from rnnlab.checks.subject import Subject, difference, inputs, reached_state, run

STEPS, CUT = 41, 19
"""Where a sequence is cut in two: both parts are long enough for a parallel scan to be one."""
LONG = 10_000
LARGEST = 1e6
"""Above this after LONG steps a state is growing without end."""
SEEN = 1e-9
"""A change of the output below this is rounding."""


def initial_state(subject: Subject) -> Measured:
    """Every row starts alike, whatever the number of rows, and a row's start is finite."""
    cell = subject.cell()
    many, one = cell.initial_state(3), cell.initial_state(1)
    for name, three, single in zip(cell.state_names, many, one, strict=True):
        if not torch.isfinite(three).all():
            raise Wrong(f"state {name} does not start finite")
        if not torch.equal(three, single.expand_as(three)):
            raise Wrong(f"state {name} does not start alike in every row")
    zeros = [name for name, part in zip(cell.state_names, many, strict=True) if not part.any()]
    others = [name for name in cell.state_names if name not in zeros]
    return Measured(0, 0, "; ".join(f"{start}: {', '.join(n)}" for start, n in (("zero", zeros), ("set", others)) if n))


def state_matters(subject: Subject) -> Measured:
    """Each part of the incoming state changes the output within two steps, on every backend."""
    cell = subject.cell()
    x_BTD, state = inputs(cell, 3, 2), reached_state(cell, 3)
    smallest = torch.inf
    for backend in subject.backends_of(cell):
        before, _ = run(cell, x_BTD, state, backend)
        for part, name in enumerate(cell.state_names):
            changed = tuple(s + 0.1 * torch.rand_like(s) if i == part else s for i, s in enumerate(state))
            seen = difference(run(cell, x_BTD, changed, backend)[0], before)
            if seen < SEEN:
                raise Wrong(f"{backend.value}: the incoming state {name} does not change the output")
            smallest = min(smallest, seen)
    return Measured(0, 0, f"smallest change {smallest:.1e}")


def halves(subject: Subject) -> Measured:
    """A sequence in two parts, with the state carried from one to the other, is the whole."""
    cell = subject.cell()
    x_BTD, state = inputs(cell, 2, STEPS), reached_state(cell, 2)
    worst = 0.0
    for backend in subject.backends_of(cell):
        whole, at_end = run(cell, x_BTD, state, backend)
        first, between = run(cell, x_BTD[:, :CUT], state, backend)
        second, after = run(cell, x_BTD[:, CUT:], between, backend)
        pairs = [(torch.cat([first, second], dim=1), whole), *zip(after, at_end, strict=True)]
        worst = max(worst, *(difference(ours, theirs) for ours, theirs in pairs))
    return Measured(worst, 1e-12)


def long_run(subject: Subject) -> Measured:
    """The state stays finite over 10,000 steps, where the cell says that it does."""
    cell = subject.cell(torch.float32)
    if not cell.bounded:
        return Measured(None, None, "the cell promises no bound")
    with torch.no_grad():
        backend = subject.backends_of(cell)[0]
        _, state = run(cell, inputs(cell, 1, LONG), cell.initial_state(1), backend)
    norm = max(float(part.norm().nan_to_num(nan=torch.inf, posinf=torch.inf)) for part in state)
    return Measured(norm, LARGEST, f"largest norm after {LONG:,} steps")
