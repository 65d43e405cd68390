"""Where a model looked while it wrote, as a picture: a square for each written symbol and each one that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rnnlab.report.chart import CHARACTER
from rnnlab.report.colours import DISTINCT
from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.tracking.atomic import write_atomically

SQUARE = 22.0
"""Pixels of the side of a square."""
SPACE = "␣"
"""Stands for a blank, which nobody sees."""
END = "end"


@dataclass(frozen=True, slots=True)
class Alignment:
    """read, written: symbols. weights: for each written one, and for the end behind them where it was written, its
    share on each of those that were read; None where the model has no attention. score: what the search ranks by."""

    read: Sequence[str]
    written: Sequence[str]
    weights: Sequence[Sequence[float]] | None
    text: str
    score: float


def write_alignments(path: Path, title: str, alignments: Sequence[Alignment]) -> None:
    """Write the page, atomically. WorkError where the disk refuses."""
    write_atomically(path, alignments_page(title, alignments, datetime.now(UTC)).encode())


def alignments_page(title: str, alignments: Sequence[Alignment], now: datetime) -> str:
    """A card for each text: what was written, and the picture."""
    cards = [_card(alignment) for alignment in alignments]
    note = "The darker a square, the more of the row's attention lies on the symbol above it; a row sums to 1."
    footer = element("footer", f"Written by rnnlab translate on {now.strftime('%Y-%m-%d %H:%M UTC')}.")
    return document(title, element("h1", title), element("p", note), *cards, footer)


def _card(alignment: Alignment) -> Markup:
    read = "".join(alignment.read).strip()
    figure = element("p", "Without attention: there is nowhere that it looked.")
    if alignment.weights is not None:
        figure = picture(alignment)
    score = element("p", f"score {alignment.score:.3f}", class_="note")
    return element("section", element("h2", f"{read} → {alignment.text}"), score, figure)


def picture(alignment: Alignment) -> Markup:
    """Columns are what was read, rows what was written; each square tells its weight when it is pointed at."""
    assert alignment.weights is not None
    columns = [_shown(symbol) for symbol in alignment.read]
    rows = [*map(_shown, alignment.written), END][: len(alignment.weights)]
    left, top = 14 + CHARACTER * max(map(len, rows)), 14 + CHARACTER * max(map(len, columns))
    width, height = left + SQUARE * len(columns) + 12, top + SQUARE * len(rows) + 8
    marks = [element("rect", class_="ground", x=0, y=0, width=width, height=height)]
    for place, name in enumerate(columns):
        x = left + SQUARE * (place + 0.5) + 4
        turned = f"rotate(-90 {x:.1f} {top - 6:.1f})"
        marks.append(element("text", name, class_="label", x=x, y=top - 6, transform=turned))
    for row, (name, shares) in enumerate(zip(rows, alignment.weights, strict=True)):
        y = top + SQUARE * row
        marks.append(element("text", name, class_="label", x=left - 6, y=y + SQUARE / 2 + 4, text_anchor="end"))
        marks += [_square(left + SQUARE * place, y, share, name, columns[place]) for place, share in enumerate(shares)]
    box = f"0 0 {width:.0f} {height:.0f}"
    return element("svg", *marks, viewBox=box, width=width, height=height, role="img", aria_label="attention")


def _square(x: float, y: float, share: float, row: str, column: str) -> Markup:
    told = element("title", f"{row} looked at {column}: {share:.3f}")
    side = SQUARE - 1
    return element(
        "rect", told, x=x, y=y, width=side, height=side, fill=DISTINCT[0], fill_opacity=f"{share:.3f}", stroke="none"
    )


def _shown(symbol: str) -> str:
    """A symbol as a label: a word without the blank before it, and a mark for a blank that stands alone."""
    return symbol.strip() or SPACE
