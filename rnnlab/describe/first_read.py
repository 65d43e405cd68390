"""The left side of a picture of what writes: an encoder, and all that goes over from it to the decoder."""

from __future__ import annotations

from rnnlab.describe.canvas import HALF, Canvas
from rnnlab.describe.columns import GAP, STUB, Columns
from rnnlab.describe.layout import Point
from rnnlab.describe.plan import Source
from rnnlab.describe.wiring import Link
from rnnlab.models.decoding.bridge import BridgeKind
from rnnlab.report.markup import element

MEMORY, BUS = 54.0, 18.0
"""How far the names of what attention looks at stand above the encoder, and the way of its summary."""
BRIDGE = 104.0
"""Pixels for the bridge."""
PICTURE, PIXELS, APART, SPREAD = 64.0, 4, 70.0, 16.0
"""Pixels of the picture that is read, in how many parts it is drawn across, between two places of it, and up to
where the ways to them part."""


class FirstRead:
    """What is read before the first word is written."""

    def __init__(self, canvas: Canvas, source: Source, cell: str, same_size: bool) -> None:
        self.canvas, self.source = canvas, source
        self.bridged = source.bridge is not BridgeKind.none
        self.columns: Columns | None = None
        if source.row:
            alike = same_size and not source.row.stack.bidirectional
            self.columns = Columns(canvas, source.row, cell, alike, bridged=False, carried=False)
        self.reading = self.columns.width if self.columns else APART * 3
        above = self.columns.height if self.columns else PICTURE + GAP + HALF + SPREAD
        backward = STUB if source.row and source.row.stack.bidirectional else 0.0  # where its cells begin
        self.width = self.reading + backward + (BRIDGE if self.bridged else STUB)
        self.height = above + MEMORY + HALF
        self.places: list[Point] = []

    def draw(self, left: float, bottom: float) -> None:
        """Everything up to what attention looks at, its inputs standing at ``bottom``."""
        self.left = left
        self.canvas.words(f"encoder={self.source.encoder}", left + self.reading / 2, bottom + 32, "key")
        if self.columns:
            self.columns.draw(left, bottom)
            tops = [(x, outputs[-1]) for x, outputs in zip(self.columns.middles, self.columns.tops, strict=True)]
        else:
            tops = self._picture(left, bottom)
        self.tops = tops
        for step, (name, (x, top)) in enumerate(zip(self.source.places, tops, strict=False)):
            self.canvas.line((x, top), (x, top - MEMORY + HALF), arrow="memory", step=step)
            self.canvas.box(name, x, top - MEMORY, "memory")
            self.places.append((x, top - MEMORY - HALF))

    def _picture(self, left: float, bottom: float) -> list[Point]:
        """A picture and the network that reads it; returns where the places of its memory stand."""
        x, low = left + 1.5 * APART, bottom + HALF
        part = PICTURE / PIXELS
        squares = [
            element(
                "rect", class_="node" if (row + column) % 2 else "node gate", x=x - PICTURE / 2 + column * part,
                y=low - PICTURE + row * part, width=part, height=part,
            )
            for row in range(PIXELS)
            for column in range(PIXELS)
        ]  # fmt: skip
        self.canvas.nodes.append(element("g", *squares, data_box="picture"))
        y = low - PICTURE - GAP - HALF
        self.canvas.line((x, low - PICTURE), (x, y + HALF), link=Link.matrix, arrow="input", step=0)
        self.half = self.canvas.box(self.source.encoder, x, y, "encoder")
        self.encoder = x, y
        level = y - HALF - SPREAD
        for place in range(len(self.source.places)):
            self.canvas.lines.append(
                element("path", class_="edge plain", d=f"M{x},{y - HALF}V{level}H{x + (place - 1) * APART}V{level - 1}")
            )
        return [(x + (place - 1) * APART, level) for place in range(3)]

    def hand_over(self, decoder: Columns) -> None:
        """The state that the decoder starts in."""
        self.canvas.words("decoder", decoder.middles[0] / 2 + decoder.middles[-1] / 2, decoder.bottom + 32, "key")
        if self.source.bridge is BridgeKind.copy and self.columns:
            for layer, (start, end) in enumerate(zip(self.columns.ends, decoder.starts, strict=True)):
                self.canvas.line(start, end, lagged=True, arrow="bridge", step=layer)
        elif self.bridged:
            self._learned(decoder)

    def _learned(self, decoder: Columns) -> None:
        """A map of the summary to the state of each layer, and the way of the summary to it."""
        x = self.left + self.width - BRIDGE / 2 - 6
        levels = [y for _, y in decoder.starts]
        y = sum(levels) / len(levels)
        half = self.canvas.box("bridge", x, y, "bridge")
        if self.columns:
            bus = min(top for _, top in self.tops) - BUS
            ends = self.tops if self.columns.stack.bidirectional else self.tops[-1:]
            for step in {0, len(ends) - 1}:
                at, top = ends[step]
                self.canvas.line((at, top), (at, bus), (x, bus), (x, y - HALF), arrow="summary", step=step)
                self.canvas.dot(at, bus)
        else:
            at, level = self.encoder
            corners = [(at + self.half, level), (at + APART, level), (at + APART, y), (x - half, y)]
            self.canvas.line(*corners, arrow="summary", step=0)
        for layer, (edge, level) in enumerate(decoder.starts):
            away = x + half + 10
            corners = [(x + half, y), (away, y), (away, level), (edge, level)]
            corners = [corners[0], corners[-1]] if level == y else corners
            self.canvas.line(*corners, link=Link.matrix, lagged=True, arrow="bridge", step=layer)

    def look(self, decoder: Columns, level: float) -> None:
        """What each step of the decoder looks at, and the context at ``level`` that this gives it."""
        for step, (x, outputs) in enumerate(zip(decoder.middles, decoder.tops, strict=True)):
            decoder.read(step, outputs, level + HALF, Link.plain, "query", to_task=True)
            half = self.canvas.box("context", x, level, "context")
            for number, place in enumerate(self.places):
                self.canvas.look(place, (x - half + 6 + 7 * number, level + HALF), step)
            if self.source.fed and step < decoder.steps - 1:
                entry = decoder.bottom - decoder.gap + 6
                beside, after = x + half + 8, decoder.middles[step + 1]
                self.canvas.line(
                    (x + half, level), (beside, level), (beside, entry), (after, entry), arrow="fed", step=step + 1
                )
