"""tanh and its derivatives up to the sixth: by autograd, exactly, by finite differences, and where a formula fails."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Picture, Row, Table, Text
from rnnlab.lessons.derivatives import (
    Function,
    derivatives,
    exact_polynomials,
    overflow_border,
    slide_tanh,
    slide_tanh_by_squares,
    valued,
    written_out,
)
from rnnlab.report.chart import WIDE, Chart
from rnnlab.report.colours import by_rank
from rnnlab.report.markup import Markup
from rnnlab.report.scales import linear

ORDERS = 6
POINTS, REACH = 200, 7.0
"""The slide's grid: linspace(-7, 7, 200)."""
WRONG = 1e-3
"""A value further than this from the exact one, as a share of the exact maximum, is flagged."""
WAYS: dict[str, Function] = {
    "torch.tanh": torch.tanh,
    "slide's formula": slide_tanh,
    "slide's formula, -g a / b^2": slide_tanh_by_squares,
}
SQUARED = "slide's formula, -g a / b^2"


class Autodiff(Lesson):
    """The lecture's figure of tanh and six derivatives, checked."""

    title = "Automatic differentiation: tanh and its derivatives up to the sixth"
    place = 140
    look = (
        "Every derivative of tanh is a polynomial in tanh: autograd must give the same numbers, and does to 14 digits.",
        "The same formula on the same points: right with one rule for the derivative of a / b, wrong by two million"
        " with another. Both rules are right on paper.",
        "A finite difference is best at h = 1e-5 and has ten digits there; autograd has all sixteen.",
        "In float32 the bad rule already gives NaN: a derivative that is not a number is the lucky case.",
    )
    next = (
        Try("rnnlab cells check lstm", "every cell's gradients against finite differences in float64"),
        Try("rnnlab cells check --all", "all cells"),
        Try("rnnlab lesson vanishing", "what the chain rule does over 128 steps"),
    )

    def run(self) -> Iterator[Block]:
        yield one_gradient()
        x = torch.linspace(-REACH, REACH, POINTS, dtype=torch.float64)
        exact = [valued(p, torch.tanh(x)) for p in exact_polynomials(ORDERS)]
        found = {name: derivatives(way, x, ORDERS) for name, way in WAYS.items()}
        yield against_exact(exact, found)
        yield figure(x, exact, found[SQUARED])
        yield from why(x, exact, found[SQUARED])
        yield differences()


def one_gradient() -> Text:
    """grad(tanh)(1.0), in the ways that a program can have it."""
    one = torch.tensor(1.0, dtype=torch.float64)
    numbers = {name: float(derivatives(way, one, 1)[1]) for name, way in WAYS.items()}
    exact = 1 - math.tanh(1.0) ** 2
    said = "; ".join(f"{name} {number!r}" for name, number in numbers.items())
    return Text(
        f"grad(tanh)(1.0): {said}; 1 - tanh(1)^2 {exact!r}. They differ in the last digit that a float64 has.",
        {"grad_tanh_1": numbers, "exact_1": exact},
    )


def against_exact(exact: list[Tensor], found: dict[str, list[Tensor]]) -> Table:
    """For each order the exact polynomial and its maximum, and how far each way is from it."""
    rows: list[Row] = []
    numbers = []
    for order, polynomial in enumerate(exact_polynomials(ORDERS)):
        largest = float(exact[order].abs().max())
        errors = {name: worst(values[order] - exact[order]) for name, values in found.items()}
        flags = [name for name, error in errors.items() if not error <= WRONG * largest]
        row = {"order": order, "exact, y = tanh x": written_out(polynomial), "largest": f"{largest:.6g}"}
        rows.append(row | {name: f"{error:.1e}" for name, error in errors.items()} | {"flag": "WRONG" * bool(flags)})
        reached = {name: worst(values[order]) for name, values in found.items()}
        numbers.append(
            {"order": order, "coefficients": polynomial, "largest": largest, "errors": errors, "reached": reached}
            | {"wrong": flags}
        )
    title = f"Largest error on linspace({-REACH:g}, {REACH:g}, {POINTS}), float64"
    return Table("derivatives", title, rows, numbers)


def worst(values: Tensor) -> float:
    """The largest size; NaN where one value is."""
    return float(values.abs().max())


def why(x: Tensor, exact: list[Tensor], squared: list[Tensor]) -> Iterator[Block]:
    """Where the formula fails, and that the points are those where a power overflows."""
    bad = (squared[ORDERS] - exact[ORDERS]).abs() > WRONG * exact[ORDERS].abs().max()
    reached, largest = worst(squared[ORDERS]), worst(exact[ORDERS])
    border = overflow_border(ORDERS, torch.finfo(torch.float64).max)
    below = int((x < border).sum())
    single = derivatives(slide_tanh_by_squares, x.float(), ORDERS)[ORDERS]
    base = 1 + math.exp(2 * REACH)
    yield Text(
        f"FLAGGED: the sixth derivative of the slide's formula reaches {reached:,.3f} where the exact maximum is"
        f" {largest:.3f}, at {int(bad.sum())} of {POINTS} points, all at x <= {float(x[bad].max()):.3f}. The formula is"
        " (1 - e^(-2x)) / (1 + e^(-2x)) in float64, with the derivative of a / b after b computed as -g a / b^2, as"
        " the autograd package of the slide does.",
        {"slide_sixth_reaches": reached, "exact_sixth_reaches": largest, "wrong_points": int(bad.sum())},
    )
    yield Text(
        "Why: each derivative squares the denominator of the one before, so the sixth divides by b^64. At x ="
        f" {-REACH:g}, b = 1 + e^{2 * REACH:g} = {base:.4g} and b^64 = 10^{64 * math.log10(base):.0f}, beyond float64's"
        " 10^308: it becomes infinite, one of several huge terms that should cancel becomes 0, and the others stay."
        f" That must begin at x = {border:.4f}, and {below} points lie below: the same as those that are wrong. torch"
        " divides twice by b and never squares it, so the same formula is right there. In float32 the same rule gives"
        f" NaN at {int(single.isnan().sum())} points.",
        {"border": border, "points_below_border": below, "float32_nan_points": int(single.isnan().sum())},
    )


def differences() -> Table:
    """The central difference of tanh at 1 for ever smaller steps: first the curve's bend, then rounding."""
    one = torch.tensor(1.0, dtype=torch.float64)
    exact = 1 - math.tanh(1.0) ** 2
    rows = []
    for power in range(1, 14, 2):
        h = 10.0**-power
        slope = float((torch.tanh(one + h) - torch.tanh(one - h)) / (2 * h))
        bend = h * h / 6 * abs(float(derivatives(torch.tanh, one, 3)[3]))
        rows.append({"h": h, "difference": f"{slope:.13f}", "error": abs(slope - exact), "h^2/6 |tanh'''|": bend})
    return Table(
        "finite_differences", "(tanh(1+h) - tanh(1-h)) / 2h: the error is the bend, until it is rounding", rows
    )


def figure(x: Tensor, exact: list[Tensor], squared: list[Tensor]) -> Picture:
    """The slide's figure, each curve over its own exact maximum; dashes: what the slide's formula gives."""
    chart = Chart(WIDE, 380)
    across = linear([-REACH, REACH], chart.left, chart.right, air=0.0)
    up = linear([-1.2, 1.2], chart.bottom, chart.top, air=0.0)
    chart.x_axis(across, "x")
    chart.y_axis(up, "derivative over its largest exact value")
    for order, colour in enumerate(by_rank(ORDERS + 1)):
        largest = exact[order].abs().max()
        points = [(across.at(float(at)), up.at(float(y))) for at, y in zip(x, exact[order] / largest, strict=True)]
        chart.line(points, colour, note=f"order {order}")
    largest = exact[ORDERS].abs().max()
    points = [(across.at(float(at)), up.at(float(y))) for at, y in zip(x, squared[ORDERS] / largest, strict=True)]
    chart.line(points, "currentColor", width=2, dashes="5 4", note="order 6 by the slide's formula")
    drawn: Markup = chart.drawn("tanh and its derivatives up to the sixth")
    caption = (
        "tanh and its derivatives up to the sixth, from blue to orange, each over its largest exact value. Dashed: the"
        " sixth by the slide's formula, which leaves the picture on the left."
    )
    return Picture("tanh and its derivatives", caption, drawn)
