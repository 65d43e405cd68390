"""The diagram of one step of a cell, as SVG, in the notation of Greff et al. 2017, figure 1."""

from __future__ import annotations

from rnnlab.describe.layout import laid_out
from rnnlab.describe.legend import legend
from rnnlab.describe.shapes import drawn_edge, drawn_label, drawn_node, picture
from rnnlab.describe.wiring import Link, Wiring
from rnnlab.report.markup import Markup, element

NARROWEST = 420.0
"""Pixels that the legend needs."""
THICKNESS = {Link.matrix: 0, Link.elementwise: 1, Link.plain: 2}
"""Thin lines are laid over thick ones where they share a stretch."""


def cell_diagram(wiring: Wiring, title: str, *, alone: bool = True) -> Markup:
    """One step of a cell. ``alone``: a file of its own, which brings its style along."""
    layout = laid_out(wiring)
    routes = sorted(layout.routes, key=lambda route: THICKNESS[route.edge.link])
    width = max(layout.width, NARROWEST)
    keys, height = legend(wiring.nodes, wiring.edges, width, layout.height)
    marks = [
        *(drawn_edge(route.edge, route.corners) for route in routes),
        *(element("circle", class_="dot", cx=x, cy=y, r=3.2) for x, y in layout.dots),
        *(drawn_node(node, box) for node, box in zip(wiring.nodes, layout.boxes, strict=True)),
        *(drawn_label(route) for route in routes if route.edge.label),
        *keys,
    ]
    return picture(marks, width, height, title, alone)
