"""A picture with axes, as inline SVG. Inks come from the page's style, so it follows light and dark."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from rnnlab.report.markup import Markup, element
from rnnlab.report.scales import Scale

NARROW, WIDE = 560.0, 1140.0
"""Pixels of a picture that has half the page, and of one that has all of it."""
CHARACTER = 6.4
"""Pixels that a character of a label takes, about."""


class Chart:
    """width, height: pixels of the drawing, which shrinks where its place is narrower. The margins lie inside."""

    def __init__(
        self,
        width: float,
        height: float,
        *,
        left: float = 58.0,
        right: float = 24.0,
        top: float = 12.0,
        bottom: float = 44.0,
    ) -> None:
        self.width, self.height = width, height
        self.left, self.right = left, width - right
        self.top, self.bottom = top, height - bottom
        self._marks: list[Markup] = []

    def add(self, mark: Markup) -> None:
        """Lay an element over what is there."""
        self._marks.append(mark)

    def x_axis(self, scale: Scale, label: str = "") -> None:
        """Ticks and a label below; crowded labels stand aslant."""
        ticks = scale.ticks()
        room = (self.right - self.left) / max(len(ticks), 1)
        crowded = max((len(text) for _, text in ticks), default=0) * CHARACTER > room
        for x, text in ticks:
            self.add(element("line", class_="grid", x1=x, x2=x, y1=self.top, y2=self.bottom))
            y = self.bottom + 15
            turned = f"rotate(-30 {x:.1f} {y:.1f})" if crowded else None
            anchor = "end" if crowded else "middle"
            self.add(element("text", text, class_="tick", x=x, y=y, text_anchor=anchor, transform=turned))
        middle = (self.left + self.right) / 2
        y = self.bottom + (50 if crowded else 34)
        self.add(element("text", label, class_="label", x=middle, y=y, text_anchor="middle"))

    def y_axis(self, scale: Scale, label: str = "") -> None:
        """Ticks on the left, the label above them along the axis."""
        for y, text in scale.ticks():
            self.add(element("line", class_="grid", x1=self.left, x2=self.right, y1=y, y2=y))
            self.add(element("text", text, class_="tick", x=self.left - 7, y=y + 4, text_anchor="end"))
        middle = (self.top + self.bottom) / 2
        turned = f"rotate(-90 13 {middle:.1f})"
        self.add(element("text", label, class_="label", x=13, y=middle, text_anchor="middle", transform=turned))

    def line(
        self,
        points: Iterable[tuple[float, float]],
        colour: str,
        *,
        width: float = 1.5,
        opacity: float = 1.0,
        dashes: str | None = None,
        note: str = "",
    ) -> None:
        """A line through pixels; a point that is not finite parts it. dashes: lengths of ink and gap."""
        for stretch in _stretches(points):
            text = " ".join(f"{x:.1f},{y:.1f}" for x, y in stretch)
            look = {"stroke_width": width, "stroke_dasharray": dashes, "opacity": _seen(opacity)}
            self.add(element("polyline", *_title(note), class_="curve", points=text, stroke=colour, **look))

    def dot(
        self, x: float, y: float, colour: str, *, radius: float = 4.0, opacity: float = 1.0, note: str = ""
    ) -> None:
        """A filled circle."""
        self.add(element("circle", *_title(note), cx=x, cy=y, r=radius, fill=colour, opacity=_seen(opacity)))

    def ring(self, x: float, y: float, colour: str, *, radius: float = 7.0) -> None:
        """A circle around a dot."""
        self.add(element("circle", class_="curve", cx=x, cy=y, r=radius, stroke=colour, stroke_width=1.5))

    def cross(
        self, x: float, y: float, colour: str, *, radius: float = 2.5, opacity: float = 1.0, note: str = ""
    ) -> None:
        """A small saltire."""
        strokes = " ".join(
            f"M{x - radius:.1f},{y - way:.1f}L{x + radius:.1f},{y + way:.1f}" for way in (radius, -radius)
        )
        look = {"class_": "curve", "stroke": colour, "opacity": _seen(opacity)}
        self.add(element("path", *_title(note), d=strokes, stroke_width=1.3, **look))

    def bar(
        self, x: float, y: float, width: float, height: float, colour: str, *, opacity: float = 1.0, note: str = ""
    ) -> None:
        """A filled rectangle."""
        mark = element(
            "rect", *_title(note), x=x, y=y, width=width, height=height, rx=2, fill=colour, opacity=_seen(opacity)
        )
        self.add(mark)

    def text(self, x: float, y: float, text: str, *, anchor: str = "start", class_: str = "tick") -> None:
        """A word."""
        self.add(element("text", text, class_=class_, x=x, y=y, text_anchor=anchor))

    def drawn(self, description: str, **place: float) -> Markup:
        """The picture; ``description`` is what a screen reader says. place: x and y inside another picture."""
        box = f"0 0 {self.width:g} {self.height:g}"
        size = {"width": self.width, "height": self.height, **place}
        kind = "wide" if self.width > NARROW else None
        return element("svg", *self._marks, class_=kind, viewBox=box, **size, role="img", aria_label=description)


def thinned(points: Sequence[tuple[int, float]], most: int = 120) -> Sequence[tuple[int, float]]:
    """At most ``most`` of the points, evenly chosen, the first and the last among them."""
    if len(points) <= most:
        return points
    return [points[round(place * (len(points) - 1) / (most - 1))] for place in range(most)]


def _stretches(points: Iterable[tuple[float, float]]) -> list[list[tuple[float, float]]]:
    parts: list[list[tuple[float, float]]] = [[]]
    for x, y in points:
        if math.isfinite(x) and math.isfinite(y):
            parts[-1].append((x, y))
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _seen(opacity: float) -> str | None:
    return None if opacity == 1 else f"{opacity:.2f}"


def _title(note: str) -> list[Markup]:
    return [element("title", note)] if note else []
