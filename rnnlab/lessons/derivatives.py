"""tanh and its derivatives: the exact polynomials, by autograd, and with the quotient rule as a textbook has it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

Function = Callable[[Tensor], Tensor]


def exact_polynomials(orders: int) -> list[list[int]]:
    """Coefficients of the n-th derivative of tanh as a polynomial in y = tanh x, lowest power first; n = 0 .. orders.

    dy/dx = 1 - y^2, so that p(y) has the derivative p'(y) (1 - y^2).
    """
    found = [[0, 1]]
    for _ in range(orders):
        slopes = [power * c for power, c in enumerate(found[-1])][1:]
        longer = [*slopes, 0, 0]
        found.append([c - (slopes[power - 2] if power >= 2 else 0) for power, c in enumerate(longer)])
    return found


def valued(coefficients: list[int], y: Tensor) -> Tensor:
    """The polynomial at y (Horner)."""
    total = torch.zeros_like(y)
    for coefficient in reversed(coefficients):
        total = total * y + coefficient
    return total


def written_out(coefficients: list[int]) -> str:
    """``1 - y^2``."""
    parts = []
    for power, c in enumerate(coefficients):
        if not c:
            continue
        letter = {0: "", 1: "y"}.get(power, f"y^{power}")
        size = f"{abs(c)} {letter}".strip() if abs(c) != 1 or not power else letter
        parts.append(f"{'-' if c < 0 else '+'} {size}")
    return " ".join(parts).removeprefix("+ ")


def slide_tanh(x: Tensor) -> Tensor:
    """(1 - e^(-2x)) / (1 + e^(-2x)), as the slide has it, with torch's own division."""
    y = torch.exp(-2.0 * x)
    return (1.0 - y) / (1.0 + y)


def slide_tanh_by_squares(x: Tensor) -> Tensor:
    """The same formula, divided with the derivative that the autograd package has: -g a / b^2."""
    y = torch.exp(-2.0 * x)
    return divided(1.0 - y, 1.0 + y)


class _Quotient(torch.autograd.Function):
    """a / b, whose backward pass squares b: nested six times, it computes b^64."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, b: Tensor) -> Tensor:
        ctx.save_for_backward(a, b)
        return a / b

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor]:
        (g,) = gradients
        a, b = ctx.saved_tensors
        return divided(g, b), divided(-g * a, b**2)


def divided(a: Tensor, b: Tensor) -> Tensor:
    """a / b by ``_Quotient``, so that the derivative of its derivative follows the same rule."""
    quotient: Tensor = _Quotient.apply(a, b)  # type: ignore[no-untyped-call]
    return quotient


def derivatives(function: Function, x: Tensor, orders: int) -> list[Tensor]:
    """The function at x and its derivatives up to ``orders``, each by differentiating the one before."""
    x = x.detach().clone().requires_grad_()
    found = [function(x)]
    for _ in range(orders):
        found += torch.autograd.grad(found[-1].sum(), x, create_graph=True)
    return [value.detach() for value in found]


def overflow_border(order: int, largest: float) -> float:
    """The x below which (1 + e^(-2x))^(2^order) is more than the largest number of the format."""
    base = math.exp(math.log(largest) / 2**order)
    return -0.5 * math.log(base - 1)
