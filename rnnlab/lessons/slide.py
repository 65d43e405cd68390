"""The lecture's picture of "hello": three layers of numbers over four steps, with the arrows between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rnnlab.report.chart import Chart
from rnnlab.report.colours import BEST, NEUTRAL, WORST
from rnnlab.report.markup import Markup, element

WIDE, HIGH = 76.0, 20.0
"""Pixels of a box with one number."""
APART, BETWEEN = 150.0, 46.0
"""Pixels from one step to the next, and between two layers."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a network that reads a letter and says which comes next.

    x_D, h_H, logits_V: numbers. loss: nats. letters: what the logits stand for, in their order.
    """

    letter: str
    target: str
    x_D: Sequence[float]
    h_H: Sequence[float]
    logits_V: Sequence[float]
    loss: float
    letters: Sequence[str]

    @property
    def said(self) -> str:
        """The likeliest letter."""
        return self.letters[max(range(len(self.logits_V)), key=self.logits_V.__getitem__)]


def drawn_steps(steps: Sequence[Step]) -> Markup:
    """Columns from left to right; from below: the letter, its one-hot vector, h_t, the logits, the target.

    The logit of the target is blue; the largest one, where it is another, orange.
    """
    first = steps[0]
    rows = [len(first.x_D), len(first.h_H), len(first.logits_V)]
    height = HIGH * sum(rows) + 2 * BETWEEN + 100
    chart = Chart(90 + APART * len(steps), height)
    tops = [height - 44 - HIGH * rows[0]]
    for count in rows[1:]:
        tops.append(tops[-1] - BETWEEN - HIGH * count)
    for name, top, count in zip(("one-hot", "h_t", "logits"), tops, rows, strict=True):
        chart.text(8, top + HIGH * count / 2 + 4, name, class_="label")
    for place, step in enumerate(steps):
        x = 90 + APART * place
        right = step.letters.index(step.target)
        said = step.letters.index(step.said)
        colours = {said: WORST, right: BEST}
        _column(chart, x, tops[0], step.x_D, {})
        _column(chart, x, tops[1], step.h_H, {})
        _column(chart, x, tops[2], step.logits_V, colours)
        for lower, upper, count in ((tops[0], tops[1], rows[1]), (tops[1], tops[2], rows[2])):
            _arrow(chart, (x + WIDE / 2, lower), (x + WIDE / 2, upper + HIGH * count))
        if place:
            middle = tops[1] + HIGH * rows[1] / 2
            _arrow(chart, (x - APART + WIDE, middle), (x, middle))
        chart.text(x + WIDE / 2, height - 24, step.letter, anchor="middle", class_="name")
        chart.text(x + WIDE / 2, tops[2] - 12, f"{step.target}   loss {step.loss:.3f}", anchor="middle", class_="name")
    return chart.drawn(f"{len(steps)} steps of a network with {rows[1]} hidden units")


def _column(chart: Chart, x: float, top: float, numbers: Sequence[float], colours: dict[int, str]) -> None:
    """Boxes above one another, each with its number."""
    for place, number in enumerate(numbers):
        y = top + HIGH * place
        ink, thick = colours.get(place, NEUTRAL), 2.2 if place in colours else 1.0
        size = {"x": x, "y": y + 1, "width": WIDE, "height": HIGH - 2, "rx": 3.0}
        chart.add(element("rect", **size, fill="none", stroke=ink, stroke_width=thick))
        text = f"{number:.0f}" if number in (0, 1) else f"{number:.2f}"
        chart.text(x + WIDE / 2, y + HIGH - 6, text, anchor="middle")


def _arrow(chart: Chart, start: tuple[float, float], end: tuple[float, float]) -> None:
    """A line with a tip, level or upright."""
    chart.line([start, end], NEUTRAL)
    x, y = end
    level = start[1] == y
    aside = [(x - 6, y - 4), end, (x - 6, y + 4)] if level else [(x - 4, y + 6), end, (x + 4, y + 6)]
    chart.line(aside, NEUTRAL)
