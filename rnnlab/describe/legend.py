"""What the signs of a diagram mean: only those that occur in it."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.describe.layout import Box, half_size
from rnnlab.describe.shapes import drawn_line, drawn_node
from rnnlab.describe.wiring import Edge, Kind, Link, Node
from rnnlab.report.markup import Markup, element

LINE, SAMPLE, LETTER = 26.0, 38.0, 6.3
"""Pixels of a line, of the place for a sign, and of a letter of its meaning."""
LINKS = {
    (Link.matrix, False): "weighted by a matrix",
    (Link.matrix, True): "weighted, from the step before",
    (Link.plain, False): "unweighted",
    (Link.plain, True): "unweighted, from the step before",
    (Link.elementwise, False): "weighted unit by unit",
    (Link.elementwise, True): "weighted unit by unit, from the step before",
}
SIGNS = {
    (Kind.sum, "+"): "sum",
    (Kind.product, ""): "elementwise product",
    (Kind.function, "sigmoid"): "gate: sigmoid",
    (Kind.function, "tanh"): "tanh",
    (Kind.function, "relu"): "ReLU",
    (Kind.point, ""): "a name for what passes",
}


def legend(nodes: Sequence[Node], edges: Sequence[Edge], width: float, top: float) -> tuple[list[Markup], float]:
    """The signs that occur with their meanings, in lines below ``top``; and the height of the whole picture."""
    marks: list[Markup] = []
    x, y = 14.0, top + LINE
    for sample, meaning in samples(nodes, edges):
        room = SAMPLE + LETTER * len(meaning) + 20
        if x + room > width and x > 14:
            x, y = 14.0, y + LINE
        words = element("text", meaning, x=SAMPLE, y=4, class_="key")
        marks.append(element("g", *sample, words, class_="legend", transform=f"translate({x:.0f} {y:.0f})"))
        x += room
    return marks, y + LINE


def samples(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[tuple[list[Markup], str]]:
    """Each sign once, at the origin, beside its meaning."""
    links = {(edge.link, edge.lagged) for edge in edges}
    signs = {(node.kind, node.text) for node in nodes}
    lines = [
        (drawn_line([(0.0, 0.0), (30.0, 0.0)], *link), meaning) for link, meaning in LINKS.items() if link in links
    ]
    return lines + [(_sample(*sign), meaning) for sign, meaning in SIGNS.items() if sign in signs]


def _sample(kind: Kind, text: str) -> list[Markup]:
    node = Node(kind, text)
    sign = drawn_node(node, Box(15.0, 0.0, *half_size(node)))
    return [element("g", sign, transform="translate(4 0) scale(.75)")]
