"""The signs of the diagrams: nodes, connections with their tips, and the ground that they stand on.

The notation is that of Greff et al. 2017 (arXiv 1503.04069), figure 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import hypot
from pathlib import Path

from rnnlab.describe.layout import SIGN, Box, Point, Route, is_short
from rnnlab.describe.lettering import lettered
from rnnlab.describe.wiring import Edge, Kind, Link, Node
from rnnlab.report.markup import Markup, element

STYLE = Path(__file__).with_name("diagram.css")
ROUNDING, TIP = 7.0, 7.0
TERMINALS = (Kind.input, Kind.state, Kind.output)


def picture(marks: Sequence[Markup], width: float, height: float, title: str, alone: bool) -> Markup:
    """The marks on their ground; ``title`` is what a screen reader says."""
    style = [element("style", Markup(STYLE.read_text(encoding="utf-8")))] if alone else []
    return element(
        "svg",
        *style,
        element("rect", class_="paper", width=width, height=height, rx=8),
        *marks,
        xmlns="http://www.w3.org/2000/svg",
        class_="diagram",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        width=f"{width:.0f}",
        height=f"{height:.0f}",
        role="img",
        aria_label=title,
    )


def drawn_line(corners: Sequence[Point], link: Link, lagged: bool) -> list[Markup]:
    """A line with its tip; the look says how it is weighted and whether it comes from the step before."""
    look = " ".join(["edge", link.value, *(["lagged"] if lagged else [])])
    return [element("path", class_=look, d=rounded(_shortened(corners))), arrow_tip(corners[-2], corners[-1], link)]


def drawn_edge(edge: Edge, corners: Sequence[Point]) -> Markup:
    """A connection with what it connects, by number."""
    place = {"data_from": str(edge.source), "data_to": str(edge.target), "data_weight": edge.label or None}
    return element("g", *drawn_line(corners, edge.link, edge.lagged), **place)


def drawn_label(route: Route) -> Markup:
    """A weight, above the last level stretch of its line."""
    x, y = route.port
    return lettered(route.edge.label, x, y - 6, class_=f"weight {route.edge.link.value}", text_anchor="end")


def drawn_node(node: Node, box: Box) -> Markup:
    """A node with its sign, its name to the upper right, and what the name means below."""
    marks = [element("title", _told(node)), *_body(node, box), *_sign(node, box)]
    if node.name:
        marks.append(lettered(node.name, box.x + box.half_width + 1, box.y - 7, class_="name"))
    if is_short(node.gloss):
        below = box.y + box.half_height + 12
        marks.append(element("text", node.gloss, x=box.x, y=below, class_="gloss", text_anchor="middle"))
    return element("g", *marks, data_kind=node.kind.value, data_name=node.name or None)


def _told(node: Node) -> str:
    """What one reads when the pointer rests on a node."""
    told = ": ".join(part for part in (node.name or node.text or node.kind.value, node.gloss) if part)
    return f"{told}; with {', '.join(node.adds)}" if node.adds else told


def _body(node: Node, box: Box) -> list[Markup]:
    if node.kind is Kind.point:
        return [element("circle", class_="dot", cx=box.x, cy=box.y, r=box.half_height)]
    corner = 5.0 if node.kind in TERMINALS else box.half_height
    size = {"width": 2 * box.half_width, "height": 2 * box.half_height, "rx": corner}
    look = "node gate" if node.text == "sigmoid" else "node"
    return [element("rect", class_=look, x=box.x - box.half_width, y=box.y - box.half_height, **size)]


def _sign(node: Node, box: Box) -> list[Markup]:
    x, y = box.x, box.y
    if node.kind is Kind.product:
        return [element("circle", class_="dot", cx=x, cy=y, r=3.4)]
    if node.kind is Kind.sum and node.text == "+":
        return [element("path", class_="sign", d=f"M{x - 7:.1f},{y:.1f}h14M{x:.1f},{y - 7:.1f}v14")]
    if node.text == "tanh":
        curve = f"M{x - 8:.1f},{y + 6:.1f}h1.5C{x:.1f},{y + 6:.1f} {x:.1f},{y - 6:.1f} {x + 6.5:.1f},{y - 6:.1f}h1.5"
        return [element("path", class_="sign", d=curve)]
    if node.text == "relu":
        return [element("path", class_="sign", d=f"M{x - 8:.1f},{y + 4:.1f}h8l7,-9")]
    text = SIGN.get(node.text, node.text)
    return [lettered(text, x, y + 4.5, text_anchor="middle")] if text else []


def arrow_tip(before: Point, end: Point, link: Link) -> Markup:
    """A filled tip at the end of a line, in the direction of its last stretch."""
    (x0, y0), (x1, y1) = before, end
    length = hypot(x1 - x0, y1 - y0) or 1.0
    dx, dy = (x1 - x0) / length * TIP, (y1 - y0) / length * TIP
    wide = 0.55 if link is Link.matrix else 0.42
    corners = [(x1, y1), (x1 - dx - dy * wide, y1 - dy + dx * wide), (x1 - dx + dy * wide, y1 - dy - dx * wide)]
    shape = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in corners) + "Z"
    return element("path", class_=f"tip {link.value}", d=shape)


def _shortened(corners: Sequence[Point]) -> list[Point]:
    """The line up to the middle of its tip, so that a thick one does not stick out of it."""
    (x0, y0), (x1, y1) = corners[-2:]
    length = hypot(x1 - x0, y1 - y0) or 1.0
    share = max(length - TIP / 2, 0) / length
    return [*corners[:-1], (x0 + (x1 - x0) * share, y0 + (y1 - y0) * share)]


def rounded(corners: Sequence[Point]) -> str:
    """The path through these corners, each rounded as far as its stretches are long enough."""
    parts = [f"M{corners[0][0]:.1f},{corners[0][1]:.1f}"]
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(ROUNDING, _distance(before, corner) / 2, _distance(corner, after) / 2)
        (x0, y0), (x1, y1) = _towards(corner, before, radius), _towards(corner, after, radius)
        parts.append(f"L{x0:.1f},{y0:.1f}Q{corner[0]:.1f},{corner[1]:.1f} {x1:.1f},{y1:.1f}")
    return "".join([*parts, f"L{corners[-1][0]:.1f},{corners[-1][1]:.1f}"])


def _distance(a: Point, b: Point) -> float:
    return hypot(a[0] - b[0], a[1] - b[1])


def _towards(start: Point, end: Point, far: float) -> Point:
    length = _distance(start, end) or 1.0
    return start[0] + (end[0] - start[0]) / length * far, start[1] + (end[1] - start[1]) / length * far
