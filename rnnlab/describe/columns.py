"""The columns of a stack unrolled over a few steps: what reads what, in depth and in time."""

from __future__ import annotations

from rnnlab.describe.canvas import Canvas
from rnnlab.describe.layout import Point
from rnnlab.describe.lettering import lettered, text_width
from rnnlab.describe.plan import Row
from rnnlab.describe.wiring import Kind, Link, Node
from rnnlab.models.connections import Connections
from rnnlab.report.markup import element

HIGH, GAP, BESIDE = 32.0, 40.0, 74.0
"""Pixels: height of a cell, between two layers, between two steps."""
BUS = 9.0
"""Pixels between the lines of a dense stack that go past a layer."""
LIFT = 24.0
"""How far the backward cell of a layer stands above the forward one."""
STUB = 34.0
"""Pixels of a line that comes from where nothing is drawn."""
SUM, JOINED = Node(Kind.sum, "+"), Node(Kind.function, "[ ]")


class Columns:
    """Columns from left to right; in each the input at the bottom, and the layers above one another.

    height  how far the outputs of the last layer stand above the inputs, at most
    starts  where the state of each cell enters that begins at the first step, once they are drawn
    ends    where that of each forward cell leaves the last one
    """

    def __init__(self, canvas: Canvas, row: Row, cell: str, same_size: bool, *, bridged: bool, carried: bool) -> None:
        self.canvas, self.row, self.cell, self.same_size = canvas, row, cell, same_size
        self.bridged, self.carried = bridged, carried
        self.stack, self.steps = row.stack, len(row.inputs)
        self.wide = max(56.0, text_width(cell) + 16)
        dense = self.stack.connections is Connections.dense
        self.room = BUS * self.stack.depth if dense else 0.0
        block = self.wide * self.stack.directions + self.room
        self.pitch = block + BESIDE
        self.gap = GAP + (BUS * self.stack.depth if dense else 0)
        self.rise = HIGH + self.gap + (2 * LIFT + 34 if self.stack.bidirectional else 0)
        self.rise += 34 if self.stack.connections is Connections.residual else 0
        self.width = self.steps * self.pitch
        self.height = self.stack.depth * self.rise + 2
        self.starts: list[Point] = []
        self.ends: list[Point] = []

    def draw(self, left: float, bottom: float) -> None:
        """All columns, their inputs standing at ``bottom``."""
        self.bottom = bottom
        self.middles = [left + (self.pitch + self.room) / 2 + k * self.pitch for k in range(self.steps)]
        self.tops = [self._column(step) for step in range(self.steps)]

    def _column(self, step: int) -> list[float]:
        """One step, from the input through all layers; returns where each of these ends."""
        x, canvas = self.middles[step], self.canvas
        canvas.terminal(self.row.inputs[step], x, self.bottom)
        outputs = [self.bottom - 13]
        for layer in range(self.stack.depth):
            middle = self.bottom - self.gap - HIGH / 2 - layer * self.rise - LIFT * self.stack.bidirectional
            entry = middle + (LIFT + HIGH / 2 + 14 if self.stack.bidirectional else HIGH / 2)
            link = Link.plain if self.stack.bidirectional else Link.matrix
            self.read(step, outputs, entry, link, "" if layer else "input")
            outputs.append(self._layer(step, layer, x, middle, outputs[-1]))
        return outputs

    def read(self, step: int, outputs: list[float], y: float, link: Link, arrow: str, to_task: bool = False) -> None:
        """The line from the layer below; in a dense stack also those from all others, past the cells between."""
        x, line = self.middles[step], self.canvas.line
        line((x, outputs[-1]), (x, y), link=link, arrow=arrow, step=step)
        if self.stack.connections is not Connections.dense:
            return
        first = 1 if to_task else 0  # the task reads the layers only
        apart = 16.0 / max(1, len(outputs) - 1)
        for place in range(first, len(outputs) - 1):
            branch, enter, level = outputs[place] - 8, x - apart * (len(outputs) - 1 - place), y + 8 + BUS * (place + 1)
            bus = x - self.wide * self.stack.directions / 2 - 8 - BUS * place
            line((x, branch), (bus, branch), (bus, level), (enter, level), (enter, y), link=link)
            self.canvas.dot(x, branch)

    def _layer(self, step: int, layer: int, x: float, middle: float, entered: float) -> float:
        """The cell or both cells of a layer, their way through time, and what is added; returns where it ends."""
        if self.stack.bidirectional:
            top = self._both_directions(step, layer, x, middle)
        else:
            self._cell(step, layer, x, middle)
            top = middle - HIGH / 2
        if self.stack.connections is not Connections.residual or (layer == 0 and not self.same_size):
            return top
        y, around = top - 22, x + self.wide * self.stack.directions / 2 + 10
        self.canvas.line((x, top), (x, y + 12))
        self.canvas.line((x, entered - 7), (around, entered - 7), (around, y), (x + 12, y))
        self.canvas.dot(x, entered - 7)
        self.canvas.node(SUM, x, y)
        return y - 12

    def _both_directions(self, step: int, layer: int, x: float, middle: float) -> float:
        """A forward cell on the left, a backward one on the right and higher; their outputs are joined."""
        aside, enter, top = self.wide / 2 + 6, middle + LIFT + HIGH / 2 + 14, middle - LIFT - HIGH / 2 - 24
        self.canvas.dot(x, enter)
        for side, way in ((-aside, 1), (aside, -1)):
            height = middle + way * LIFT
            self.canvas.line((x, enter), (x + side, enter), (x + side, height + HIGH / 2), link=Link.matrix)
            self.canvas.line((x + side, height - HIGH / 2), (x + side, top), (x - 12 if side < 0 else x + 12, top))
            self._cell(step, layer, x + side, height, way)
        self.canvas.node(JOINED, x, top)
        return top - 12

    def _cell(self, step: int, layer: int, x: float, y: float, way: int = 1) -> None:
        """One cell; its state comes from the step before, or, for a backward cell, from the step after."""
        body = element("rect", class_="node", x=x - self.wide / 2, y=y - HIGH / 2, width=self.wide, height=HIGH, rx=6)
        text = lettered(self.cell, x, y + 4.5, text_anchor="middle")
        self.canvas.nodes.append(element("g", body, text, data_layer=str(layer), data_step=str(step)))
        edge, far = x - way * self.wide / 2, self.pitch - self.wide
        first, last = (0, self.steps - 1)[::way]
        if step == last and way > 0:
            self.ends.append((x + self.wide / 2, y))
            if self.carried:
                out = x + self.wide / 2
                self.canvas.line((out, y), (out + STUB, y), lagged=True, arrow="carried", step=step)
        if step == first and self.bridged:
            self.starts.append((edge, y))
            return
        start = edge - way * (STUB if step == first else far)
        self.canvas.line((start, y), (edge, y), link=Link.matrix, lagged=True, arrow="state", step=step)
        if step == first:
            name = lettered("h_0", start - way * 12, y + 4, text_anchor="middle", class_="name")
            self.canvas.nodes.append(name)
        elif self.row.cut and step == (self.steps - 1 if way > 0 else self.steps - 2):
            self.canvas.words("\u22ef", (start + edge) / 2 - way * 4, y - 6)
