"""The picture of a stack unrolled over a few steps: what reads what, in depth and in time."""

from __future__ import annotations

from rnnlab.describe.layout import Box, Point
from rnnlab.describe.legend import legend
from rnnlab.describe.lettering import lettered, text_width
from rnnlab.describe.shapes import drawn_line, drawn_node, picture
from rnnlab.describe.wiring import Edge, Kind, Link, Node
from rnnlab.models.stack import Connections, Stack
from rnnlab.report.markup import Markup, element

STEPS = 4
HIGH, GAP, BESIDE, MARGIN = 32.0, 40.0, 74.0, 30.0
"""Pixels: height of a cell, between two layers, between two steps, around all."""
BUS = 9.0
"""Pixels between the lines of a dense stack that go past a layer."""
LIFT = 24.0
"""How far the backward cell of a layer stands above the forward one."""
SUM, JOINED = Node(Kind.sum, "+"), Node(Kind.function, "[ ]")


def unrolled_diagram(
    stack: Stack.Config, cell: str, *, same_size: bool = False, steps: int = STEPS, alone: bool = True
) -> Markup:
    """``steps`` columns of the layers of a stack. same_size: D is the size of a layer's output."""
    drawing = _Drawing(stack, cell, same_size, steps)
    for step in range(steps):
        drawing.column(step)
    top = drawing.bottom + 46
    keys, height = legend(drawing.signs, drawing.links, drawing.width, top)
    if stack.bidirectional:
        words = "[ ]  outputs of both directions side by side; for a backward cell the step before is the next in time"
        keys.append(element("text", words, x=14, y=height, class_="key"))
        height += 20
    title = f"{cell}: {stack.depth} layers over {steps} steps"
    return picture([*drawing.lines, *drawing.nodes, *keys], drawing.width, height, title, alone)


class _Drawing:
    """Columns from left to right; in each the input at the bottom, and the layers above one another."""

    def __init__(self, stack: Stack.Config, cell: str, same_size: bool, steps: int) -> None:
        self.stack, self.cell, self.same_size, self.steps = stack, cell, same_size, steps
        self.wide = max(56.0, text_width(cell) + 16)
        self.lines: list[Markup] = []
        self.nodes: list[Markup] = []
        self.links: list[Edge] = []
        self.signs: list[Node] = []
        dense = stack.connections is Connections.dense
        self.room = BUS * stack.depth if dense else 0.0
        block = self.wide * stack.directions + self.room
        self.pitch = block + BESIDE
        self.gap = GAP + (BUS * stack.depth if dense else 0)
        self.rise = HIGH + self.gap + (2 * LIFT + 34 if stack.bidirectional else 0)
        self.rise += 34 if stack.connections is Connections.residual else 0
        self.left = MARGIN + BESIDE / 2 + block / 2 + self.room / 2
        self.width = max(2 * MARGIN + steps * self.pitch, 420.0)
        self.bottom = MARGIN + 8 + stack.depth * self.rise + self.gap

    def line(self, *corners: Point, link: Link = Link.plain, lagged: bool = False) -> None:
        self.lines += drawn_line(corners, link, lagged)
        self.links.append(Edge(0, 0, link, "", lagged))

    def node(self, node: Node, x: float, y: float, half: float = 12.0) -> None:
        self.nodes.append(drawn_node(node, Box(x, y, half, half)))
        self.signs.append(node)

    def terminal(self, text: str, x: float, y: float) -> None:
        node = Node(Kind.input, text)
        self.nodes.append(drawn_node(node, Box(x, y, 18.0, 13.0)))

    def dot(self, x: float, y: float) -> None:
        self.nodes.append(element("circle", class_="dot", cx=x, cy=y, r=3.0))

    def column(self, step: int) -> None:
        """One step: from the input through all layers to the output."""
        x = self.left + step * self.pitch
        number = str(step + 1) if step < self.steps - 1 else "T"
        self.terminal(f"x_{number}", x, self.bottom)
        outputs = [self.bottom - 13]
        for layer in range(self.stack.depth):
            middle = self.bottom - self.gap - HIGH / 2 - layer * self.rise - LIFT * self.stack.bidirectional
            entry = middle + (LIFT + HIGH / 2 + 14 if self.stack.bidirectional else HIGH / 2)
            self.read(x, outputs, entry, Link.plain if self.stack.bidirectional else Link.matrix)
            outputs.append(self.layer(step, layer, x, middle, outputs[-1]))
        top = outputs[-1] - self.gap + 8
        self.read(x, outputs, top + 13, Link.plain, to_task=True)
        self.terminal(f"y_{number}", x, top)

    def read(self, x: float, outputs: list[float], y: float, link: Link, to_task: bool = False) -> None:
        """The line from the layer below; in a dense stack also those from all others, past the cells between."""
        self.line((x, outputs[-1]), (x, y), link=link)
        if self.stack.connections is not Connections.dense:
            return
        first = 1 if to_task else 0  # the task reads the layers only
        apart = 16.0 / max(1, len(outputs) - 1)
        for place in range(first, len(outputs) - 1):
            branch, enter, level = outputs[place] - 8, x - apart * (len(outputs) - 1 - place), y + 8 + BUS * (place + 1)
            bus = x - self.wide * self.stack.directions / 2 - 8 - BUS * place
            self.line((x, branch), (bus, branch), (bus, level), (enter, level), (enter, y), link=link)
            self.dot(x, branch)

    def layer(self, step: int, layer: int, x: float, middle: float, entered: float) -> float:
        """The cell or both cells of a layer, their way through time, and what is added; returns where it ends."""
        if self.stack.bidirectional:
            top = self.both_directions(step, layer, x, middle)
        else:
            self.cell_box(step, layer, x, middle)
            top = middle - HIGH / 2
        if self.stack.connections is not Connections.residual or (layer == 0 and not self.same_size):
            return top
        y, around = top - 22, x + self.wide * self.stack.directions / 2 + 10
        self.line((x, top), (x, y + 12))
        self.line((x, entered - 7), (around, entered - 7), (around, y), (x + 12, y))
        self.dot(x, entered - 7)
        self.node(SUM, x, y)
        return y - 12

    def both_directions(self, step: int, layer: int, x: float, middle: float) -> float:
        """A forward cell on the left, a backward one on the right and higher; their outputs are joined."""
        aside, enter, top = self.wide / 2 + 6, middle + LIFT + HIGH / 2 + 14, middle - LIFT - HIGH / 2 - 24
        self.dot(x, enter)
        for side, way in ((-aside, 1), (aside, -1)):
            height = middle + way * LIFT
            self.line((x, enter), (x + side, enter), (x + side, height + HIGH / 2), link=Link.matrix)
            self.line((x + side, height - HIGH / 2), (x + side, top), (x - 12 if side < 0 else x + 12, top))
            self.cell_box(step, layer, x + side, height, way)
        self.node(JOINED, x, top)
        return top - 12

    def cell_box(self, step: int, layer: int, x: float, y: float, way: int = 1) -> None:
        """One cell; its state comes from the step before, or, for a backward cell, from the step after."""
        body = element("rect", class_="node", x=x - self.wide / 2, y=y - HIGH / 2, width=self.wide, height=HIGH, rx=6)
        text = lettered(self.cell, x, y + 4.5, text_anchor="middle")
        self.nodes.append(element("g", body, text, data_layer=str(layer), data_step=str(step)))
        edge, far = x - way * self.wide / 2, self.pitch - self.wide
        first = step == (0 if way > 0 else self.steps - 1)
        start = edge - way * (34.0 if first else far)
        self.line((start, y), (edge, y), link=Link.matrix, lagged=True)
        if first:
            self.nodes.append(lettered("h_0", start - way * 12, y + 4, text_anchor="middle", class_="name"))
        skipped = step == (self.steps - 1 if way > 0 else self.steps - 2)
        if skipped and self.steps > 2:
            dots = element(
                "text", "\u22ef", x=(start + edge) / 2 - way * 4, y=y - 6, class_="name", text_anchor="middle"
            )
            self.nodes.append(dots)
