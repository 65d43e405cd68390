"""Whether all backends of a cell give the numbers of the loop, and its gradients."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from rnnlab.checks.finding import Measured
from rnnlab.checks.subject import Subject, difference, inputs, reached_state, run
from rnnlab.models.backends import Backend

FORWARD = {torch.float64: 1e-12, torch.float32: 2e-5}
"""Largest difference over a sequence, as a share of the largest number where that is above one: rounding only."""
BACKWARD = {torch.float64: 1e-11, torch.float32: 2e-4}
"""The same of gradients, which are sums over rows and steps."""
STEPS = 41
"""Enough for a parallel scan to work in parallel: a short sequence is run step by step there too."""


def outputs(subject: Subject, dtype: torch.dtype) -> Measured:
    """Outputs and last states."""
    cell = subject.cell(dtype)
    x_BTD, state = inputs(cell, 2, STEPS), reached_state(cell, 2)

    def on(backend: Backend) -> list[Tensor]:
        output, last = run(cell, x_BTD, state, backend)
        return [output, *last]

    return _beside_the_loop(subject.backends_of(cell), on, FORWARD[dtype])


def gradients(subject: Subject, dtype: torch.dtype) -> Measured:
    """Gradients of the input, of the first state and of every weight."""
    cell = subject.cell(dtype)
    x_BTD, state = inputs(cell, 2, STEPS), reached_state(cell, 2)
    weight_BTH = torch.randn(2, STEPS, cell.hidden_size, dtype=dtype)

    def on(backend: Backend) -> list[Tensor]:
        leaves = [part.clone().requires_grad_() for part in (x_BTD, *state)]
        output, last = run(cell, leaves[0], tuple(leaves[1:]), backend)
        loss = (output * weight_BTH).sum() + sum(part.sum() for part in last)
        wanted = [*leaves, *cell.parameters()]
        return list(torch.autograd.grad(loss, wanted, allow_unused=True, materialize_grads=True))

    return _beside_the_loop(subject.backends_of(cell), on, BACKWARD[dtype])


def _beside_the_loop(backends: list[Backend], on: Callable[[Backend], list[Tensor]], tolerance: float) -> Measured:
    others = [backend for backend in backends if backend is not Backend.loop]
    if not others:
        return Measured(None, None, "loop only")
    wanted = on(Backend.loop)
    worst = {
        backend: max(_apart(ours, theirs) for ours, theirs in zip(on(backend), wanted, strict=True))
        for backend in others
    }
    return Measured(max(worst.values()), tolerance, ", ".join(f"{b.value} {worst[b]:.1e}" for b in others))


def _apart(ours: Tensor, theirs: Tensor) -> float:
    """Gradients can be sums of hundreds of terms, whose last digit is no small number any more."""
    return difference(ours, theirs) / max(1.0, float(theirs.detach().abs().max()))
