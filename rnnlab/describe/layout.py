"""A wiring laid out on a plane, from left to right: where its nodes stand and how its connections run.

Connections run level and upright. What one node gives to several is one line with branching points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rnnlab.describe.heights import Room, heights
from rnnlab.describe.lettering import text_width
from rnnlab.describe.nets import Net, branching_points, in_good_order
from rnnlab.describe.ranks import Item, Ranks, ranked
from rnnlab.describe.reading import SHORT
from rnnlab.describe.wiring import Edge, Kind, Node, Wiring

RADIUS, POINT = 15.0, 4.0
PORT_APART = 20.0
"""Pixels between two lines that come into one node."""
SLANT = 13.0
"""On the last pixels before a node lines run towards its middle."""
TRACK, LINE_ROOM, MARGIN = 13.0, 9.0, 14.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    """A node's place: its middle, and half its width and height."""

    x: float
    y: float
    half_width: float
    half_height: float


@dataclass(frozen=True, slots=True)
class Route:
    """The corners of a connection, from the rim of one node to the rim of another."""

    edge: Edge
    corners: list[Point]
    port: Point
    """Where the line arrives beside the node: its label ends here."""


@dataclass(slots=True)
class Layout:
    """boxes: one for each node of the wiring. dots: where one line becomes several."""

    width: float
    height: float
    boxes: list[Box]
    routes: list[Route]
    dots: list[Point]


def half_size(node: Node) -> tuple[float, float]:
    """Half the width and height of a node: a circle, wider where its sign is a word."""
    if node.kind is Kind.point:
        return POINT, POINT
    if node.kind in (Kind.input, Kind.state, Kind.output):
        return max(20.0, text_width(node.text) / 2 + 8), 13.0
    return max(RADIUS, text_width(SIGN.get(node.text, node.text)) / 2 + 7), RADIUS


SIGN = SHORT | {"tanh": "", "relu": ""}
"""What stands in a node for a function: a shorter sign than its name, or a curve, which is drawn."""


def laid_out(wiring: Wiring) -> Layout:
    """Columns, heights, then the ways of the connections."""
    outputs = [number for number, node in enumerate(wiring.nodes) if node.kind is Kind.output]
    pairs = [(edge.source, edge.target) for edge in wiring.edges]
    ranks = ranked(len(wiring.nodes), pairs, outputs)
    return _Plane(wiring, ranks).layout()


@dataclass(slots=True)
class _Plane:
    wiring: Wiring
    ranks: Ranks
    ports: dict[tuple[Item, Item], float] = field(default_factory=dict)
    y: dict[Item, float] = field(default_factory=dict)
    middle: list[float] = field(default_factory=list)
    nets: dict[Item, Net] = field(default_factory=dict)
    width: float = 0.0

    def layout(self) -> Layout:
        self._choose_ports()
        self._choose_heights()
        self._choose_places()
        boxes = {item.node: self._box(item) for column in self.ranks.columns for item in column if not item.is_lane}
        height = max(self.y[item] + self._room(item).below for item in self.y) + MARGIN
        return Layout(
            self.width,
            height,
            [boxes[number] for number in range(len(boxes))],
            [self._route(edge) for edge in self.wiring.edges],
            [dot for net in self.nets.values() for dot in branching_points(net)],
        )

    def _choose_ports(self) -> None:
        """The lines into a node arrive one above the other, as the items they come from stand."""
        for after, sources in self.ranks.precedes().items():
            for place, before in enumerate(sources):
                self.ports[before, after] = PORT_APART * (place - (len(sources) - 1) / 2)

    def _choose_heights(self) -> None:
        room = {item: self._room(item) for column in self.ranks.columns for item in column}
        found = heights(self.ranks, room, self.ports)
        top = min(found[item] - room[item].above for item in found) - MARGIN
        self.y = {item: height - top for item, height in found.items()}

    def _room(self, item: Item) -> Room:
        if item.is_lane:
            return Room(LINE_ROOM, LINE_ROOM)
        node = self.wiring.nodes[item.node]
        half = half_size(node)[1]
        fan = PORT_APART * (len({e.source for e in self._into(item.node)}) - 1) / 2
        labelled = any(edge.label for edge in self._into(item.node))
        return Room(
            max(half, fan + (15 if labelled else 0), 19 if node.name else 0) + 7,
            max(half + (12 if node.gloss else 0), fan) + 7,
        )

    def _into(self, node: int) -> list[Edge]:
        return [edge for edge in self.wiring.edges if edge.target == node]

    def _choose_places(self) -> None:
        """From left to right: the room of a column, then the uprights of the lines to the next."""
        x = MARGIN
        for column in self.ranks.columns:
            nodes = [self.wiring.nodes[item.node] for item in column if not item.is_lane]
            half = max((half_size(node)[0] for node in nodes), default=0.0)
            labels = [text_width(e.label) + 8 for item in column if not item.is_lane for e in self._into(item.node)]
            names = [text_width(node.name) + 8 for node in nodes if node.name]
            gloss = [text_width(node.gloss, 0.85) / 2 + 2 for node in nodes if is_short(node.gloss)]
            before = SLANT + max(labels, default=0.0) if column is not self.ranks.columns[0] else 0.0
            self.middle.append(x + max([before + half, *gloss]))
            x = self._uprights(column, max([half + max(names, default=0.0), *gloss]) + self.middle[-1])
        self.width = x + MARGIN

    def _uprights(self, column: Sequence[Item], start: float) -> float:
        """Give each line between two columns its own upright; returns where the next column begins."""
        for item in column:
            arrives = [self.y[after] + self.ports[item, after] for after in self.ranks.follows[item]]
            if arrives:
                self.nets[item] = Net(self.y[item], arrives)
        bent = [self.nets[item] for item in column if item in self.nets and not self.nets[item].is_straight]
        for place, net in enumerate(in_good_order(bent)):
            net.x = start + TRACK * (place + 0.7)
        return start + TRACK * (len(bent) + 0.5)

    def _box(self, item: Item) -> Box:
        return Box(self.middle[item.rank], self.y[item], *half_size(self.wiring.nodes[item.node]))

    def _route(self, edge: Edge) -> Route:
        """Level to the upright, along it, level to the next lane, and so on to the rim of the target."""
        path = self._path(edge)
        first, last = self._box(path[0]), self._box(path[-1])
        corners: list[Point] = [(first.x + first.half_width, first.y)]
        for before, after in zip(path, path[1:], strict=False):
            arrival = self.y[after] + self.ports[before, after]
            if arrival != corners[-1][1]:
                upright = self.nets[before].x
                corners += [(upright, corners[-1][1]), (upright, arrival)]
        port = (last.x - last.half_width - SLANT, corners[-1][1])
        return Route(edge, [*corners, port, rim(last, port)], port)

    def _path(self, edge: Edge) -> list[Item]:
        """The items from the source over its lanes to the target."""
        items = {(item.node, item.rank): item for column in self.ranks.columns for item in column}
        start = next(rank for (node, rank), item in items.items() if node == edge.source and not item.is_lane)
        end = next(rank for (node, rank), item in items.items() if node == edge.target and not item.is_lane)
        return [items[edge.source, rank] for rank in range(start, end)] + [items[edge.target, end]]


def is_short(gloss: str) -> bool:
    """Whether a gloss is the name of a gate, for which there is room under a node, and not a sentence."""
    return 0 < len(gloss) <= 16


def rim(box: Box, port: Point) -> Point:
    """Where a line from a port meets the rim of a node; boxes wider than high are met at their left end."""
    x, y = box.x - box.half_width + box.half_height, box.y
    dx, dy = port[0] - x, port[1] - y
    length = (dx * dx + dy * dy) ** 0.5
    return x + dx / length * box.half_height, y + dy / length * box.half_height
