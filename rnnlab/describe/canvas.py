"""What a picture of steps is drawn on: lines, nodes and words, and which signs occurred, for the legend."""

from __future__ import annotations

from rnnlab.describe.layout import Box, Point
from rnnlab.describe.lettering import lettered, text_width
from rnnlab.describe.shapes import arrow_tip, drawn_line, drawn_node
from rnnlab.describe.wiring import Edge, Kind, Link, Node
from rnnlab.report.markup import Markup, element

HALF = 13.0
"""Half the height of a box."""


class Canvas:
    """Lines lie below nodes."""

    def __init__(self) -> None:
        self.lines: list[Markup] = []
        self.nodes: list[Markup] = []
        self.links: list[Edge] = []
        self.signs: list[Node] = []

    def line(
        self, *corners: Point, link: Link = Link.plain, lagged: bool = False, arrow: str = "", step: int = -1
    ) -> None:
        """arrow: what it carries to or from a step, by which others find it; step: which."""
        drawn = drawn_line(corners, link, lagged)
        self.lines += [element("g", *drawn, data_arrow=arrow, data_step=str(step))] if arrow else drawn
        self.links.append(Edge(0, 0, link, "", lagged))

    def look(self, start: Point, end: Point, step: int) -> None:
        """A look at a place of what was read: bent, so that it goes past what stands between them."""
        (x0, y0), (x1, y1) = start, end
        level = (y0 + y1) / 2
        bend = f"M{x0:.1f},{y0:.1f}C{x0:.1f},{level:.1f} {x1:.1f},{level:.1f} {x1:.1f},{y1 + 4:.1f}"
        marks = element("path", class_="edge look", d=bend), arrow_tip((x1, y1 + 10), end, Link.elementwise)
        self.lines.append(element("g", *marks, data_arrow="look", data_step=str(step)))

    def node(self, node: Node, x: float, y: float, half: float = 12.0) -> None:
        self.nodes.append(drawn_node(node, Box(x, y, half, half)))
        self.signs.append(node)

    def terminal(self, text: str, x: float, y: float) -> None:
        """A name without a frame."""
        self.nodes.append(drawn_node(Node(Kind.input, text), Box(x, y, max(18.0, text_width(text) / 2 + 8), HALF)))

    def box(self, text: str, x: float, y: float, kind: str, look: str = "node") -> float:
        """A frame with a word, as wide as the word asks for; returns half of that width."""
        half = max(17.0, text_width(text) / 2 + 9)
        frame = element("rect", class_=look, x=x - half, y=y - HALF, width=2 * half, height=2 * HALF, rx=6)
        self.nodes.append(element("g", frame, lettered(text, x, y + 4.5, text_anchor="middle"), data_box=kind))
        return half

    def words(self, text: str, x: float, y: float, class_: str = "name") -> None:
        self.nodes.append(element("text", text, x=x, y=y, class_=class_, text_anchor="middle"))

    def dot(self, x: float, y: float) -> None:
        self.nodes.append(element("circle", class_="dot", cx=x, cy=y, r=3.0))
