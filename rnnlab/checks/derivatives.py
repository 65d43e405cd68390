"""Derivatives: against differences in float64, of the first and the second order, and one for every weight."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck
from torch.func import functional_call

from rnnlab.checks.finding import Measured, Wrong
from rnnlab.checks.subject import Runner, Subject, inputs, reached_state, run
from rnnlab.models.backends import Backend

STEPS = 2
ABSOLUTE, RELATIVE = 1e-6, 1e-4
"""Differences of 1e-6 to both sides are as exact as that."""


def first(subject: Subject) -> Measured:
    """d output / d (input, state, weights), on every backend."""
    for backend in subject.backends_of(subject.cell()):
        _compared(gradcheck, subject, backend)
    return Measured(None, ABSOLUTE, "gradcheck of input, state and weights in float64")


def second(subject: Subject) -> Measured:
    """The same of the gradients, through the loop."""
    _compared(gradgradcheck, subject, Backend.loop)
    return Measured(None, ABSOLUTE, "gradgradcheck of input, state and weights in float64")


def _compared(check: Callable[..., bool], subject: Subject, backend: Backend) -> None:
    cell = subject.cell(input_size=2, hidden_size=2)
    runner = Runner(cell, backend)
    names = [name for name, _ in runner.named_parameters()]
    weights = [parameter.detach().clone().requires_grad_() for parameter in runner.parameters()]
    x_BTD = inputs(cell, 1, STEPS).requires_grad_()
    state = [part.clone().requires_grad_() for part in reached_state(cell, 1)]

    def outputs(x: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        parts, values = rest[: len(state)], rest[len(state) :]
        results = functional_call(runner, dict(zip(names, values, strict=True)), (x, *parts))
        # gradcheck leaves out what has no derivative, and would pass a run that cut the graph.
        for result, name in zip(results, ("the output", *cell.state_names), strict=True):
            if not result.requires_grad:
                raise Wrong(f"{backend.value}: {name} has no derivative after {STEPS} steps")
        return results

    try:
        check(outputs, (x_BTD, *state, *weights), atol=ABSOLUTE, rtol=RELATIVE)
    except GradcheckError as error:
        raise Wrong(f"{backend.value}: {' '.join(str(error).split())[:160]}") from error


def every_weight(subject: Subject) -> Measured:
    """No parameter is without influence on the output."""
    cell = subject.cell()
    output, _ = run(cell, inputs(cell, 3, 3), reached_state(cell, 3))
    (output * torch.randn_like(output)).sum().backward()
    for name, parameter in cell.named_parameters():
        if parameter.grad is None or not parameter.grad.abs().sum() > 0:
            raise Wrong(f"{name} has no gradient: the output does not depend on it")
    return Measured(0, 0, f"{len(list(cell.parameters()))} parameters")
