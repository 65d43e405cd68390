"""The picture of an experiment unrolled over a few steps: what is read, what reads what, and where losses sit."""

from __future__ import annotations

import textwrap

from rnnlab.describe.canvas import HALF, Canvas
from rnnlab.describe.columns import Columns
from rnnlab.describe.first_read import FirstRead
from rnnlab.describe.layout import Point
from rnnlab.describe.legend import legend
from rnnlab.describe.plan import ENDS, Answer, Plan, stack_alone
from rnnlab.describe.shapes import picture
from rnnlab.describe.wiring import Link
from rnnlab.models.stack import Stack
from rnnlab.report.markup import Markup, element

MARGIN, LINE, LETTER, NARROWEST = 30.0, 20.0, 6.3, 420.0
"""Pixels: around all, a line of words, a letter of them, and a picture with room for a legend."""
LOSS, POOLED, LOOKED, RISE = 46.0, 48.0, 62.0, 74.0
"""How far a loss stands above what it is read off, what pools above the columns, a context above them and above
what it looks at."""
BOTH_WAYS = "[ ]  outputs of both directions side by side; for a backward cell the step before is the next in time."
LOOKS = (
    "Thin blue curves: where a step looks (attention={}); its context is the mean of all m with weights that sum to 1,"
    " chosen by what comes up from below"
)
FED = ", and the next step reads it too"
BOTH_ENDS = (
    "Each direction is read off where it has read all: forward cells at the last step, backward ones at the first."
)
MATRICES = "The arrow into a loss is the head, a product with a matrix too."


def unrolled_diagram(stack: Stack.Config, cell: str, *, same_size: bool = False, alone: bool = True) -> Markup:
    """The layers of a stack over a few steps, whatever it is for. same_size: D is the size of a layer's output."""
    return experiment_diagram(stack_alone(stack), cell, same_size=same_size, alone=alone)


def experiment_diagram(plan: Plan, cell: str, *, same_size: bool = False, alone: bool = True) -> Markup:
    """An experiment, whatever its plan."""
    drawing = _Drawing(plan, cell, same_size)
    width = max(drawing.width, NARROWEST)
    keys, height = legend(drawing.canvas.signs, drawing.canvas.links, width, drawing.bottom + 46)
    for line in (line for told in drawing.told() for line in textwrap.wrap(told, int((width - 28) / LETTER))):
        keys.append(element("text", line, x=14, y=height, class_="key"))
        height += LINE
    title = f"{cell}: {plan.row.stack.depth} layers over {len(plan.row.inputs)} steps, {plan.shape.value}"
    return picture([*drawing.canvas.lines, *drawing.canvas.nodes, *keys], width, height, title, alone)


class _Drawing:
    """What was read before on the left, if anything; the stack on the right, and above it what it says."""

    def __init__(self, plan: Plan, cell: str, same_size: bool) -> None:
        self.plan, self.canvas = plan, Canvas()
        source = plan.source
        first = FirstRead(self.canvas, source, cell, same_size) if source else None
        bridged = first is not None and first.bridged
        self.columns = Columns(self.canvas, plan.row, cell, same_size, bridged=bridged, carried=plan.carried)
        self.looking = source is not None and len(source.places) > 0
        high = self.columns.height
        if first:
            high = max(high + LOOKED, first.height + RISE) if self.looking else max(high, first.height - 2 * LOSS)
        self.bottom = MARGIN + self.above() + high
        left = MARGIN + (first.width if first else 0.0)
        self.width = left + self.columns.width + MARGIN + (24 if plan.carried else 0)
        if first:
            first.draw(MARGIN, self.bottom)
        self.columns.draw(left, self.bottom)
        self.level = self.bottom - high
        if first:
            first.hand_over(self.columns)
            if self.looking:
                first.look(self.columns, self.level)
        for answer in plan.answers:
            self._said(answer)

    def above(self) -> float:
        """Pixels above the highest output, or context, that something is read off."""
        if any(answer.through for answer in self.plan.answers):
            return POOLED + 2 * LOSS
        return 2 * LOSS + HALF if any(answer.loss for answer in self.plan.answers) else self.columns.gap + HALF

    def told(self) -> list[str]:
        """All that signs do not tell."""
        lines = [self.plan.told]
        lines += [MATRICES] if any(answer.loss for answer in self.plan.answers) else []
        lines += [BOTH_ENDS] if any(answer.through == ENDS for answer in self.plan.answers) else []
        source = self.plan.source
        if source and source.places:
            lines.append(f"{LOOKS.format(source.attention)}{FED * source.fed}.")
        rows = [self.plan.row, *([source.row] if source and source.row else [])]
        lines += [BOTH_WAYS] if any(row.stack.bidirectional for row in rows) else []
        return lines

    def _said(self, answer: Answer) -> None:
        """From the outputs that something is read off to what it is held against."""
        step = answer.reads[-1]
        x, outputs, link = self.columns.middles[step], self.columns.tops[step], Link.matrix
        if not answer.loss:
            top = outputs[-1] - self.columns.gap + 8
            self.columns.read(step, outputs, top + HALF, Link.plain, "output", to_task=True)
            self.canvas.terminal(answer.target, x, top)
            return
        if answer.through:
            x, y = self._pooled(answer)
        elif self.looking:
            y = self.level - HALF
        else:
            y = outputs[-1] - LOSS + HALF
            self.columns.read(step, outputs, y, link, "answer", to_task=True)
            self._held(x, y - HALF, answer.target, step)
            return
        self.canvas.line((x, y), (x, y - LOSS + 2 * HALF), link=link, arrow="answer", step=step)
        self._held(x, y - LOSS + HALF, answer.target, step)

    def _pooled(self, answer: Answer) -> Point:
        """One vector of several steps' outputs; returns where it ends."""
        middles = [self.columns.middles[step] for step in answer.reads]
        x = (middles[0] + middles[-1]) / 2
        y = min(outputs[-1] for outputs in self.columns.tops) - POOLED + HALF
        half = self.canvas.box(answer.through, x, y, "pool")
        for step, middle in zip(answer.reads, middles, strict=True):
            top = self.columns.tops[step][-1]
            corners = [(middle, top), (middle, y), (x - half if middle < x else x + half, y)]
            if abs(middle - x) < half:
                corners = [(middle, top), (middle, y + HALF)]
            self.canvas.line(*corners, arrow="pooled", step=step)
        return x, y - HALF

    def _held(self, x: float, y: float, target: str, step: int) -> None:
        """A loss, and above it what is true."""
        self.canvas.box("loss", x, y, "loss", "node gate")
        self.canvas.terminal(target, x, y - LOSS)
        self.canvas.line((x, y - LOSS + HALF), (x, y - HALF), arrow="target", step=step)
