"""A map of words on one page: near words stand near each other, as far as two dimensions can show it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from rnnlab.data.words import UNKNOWN
from rnnlab.inside.vectors.files import plain_name
from rnnlab.inside.vectors.projection import Projected, Projection, project
from rnnlab.inside.vectors.table import WordVectors
from rnnlab.report.card import figure_card
from rnnlab.report.chart import CHARACTER, WIDE, Chart
from rnnlab.report.colours import DISTINCT
from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.report.scales import Linear, linear
from rnnlab.report.tables import folded_table

HEIGHT = 820.0
LINE = 12.0
"""Pixels that a label is high."""
NEIGHBOURS, OPEN_ROWS = 8, 12


def map_page(vectors: WordVectors, run_id: str, most: int, how: Projection, marked: Collection[int] = ()) -> str:
    """The page: the map of the ``most`` first words and those that are marked, and the nearest words of each."""
    shown = drawn_words(vectors, most, marked)
    projected = project(vectors.unit_VD[shown], how)
    names = [plain_name(vectors.words[place]) for place in shown]
    emphasis = [place in marked for place in shown]
    caption = (
        f"{len(shown)} of {len(vectors.words):,} words; {projected.note}. Each vector is divided by its length. A dot"
        " without a name has it under the pointer, and in the table."
    )
    picture = draw(projected, names, emphasis)
    title = f"Words of run {run_id}"
    return document(
        title,
        element("h1", title),
        figure_card("Map", caption, picture),
        figure_card("Nearest words", "By cosine, over the whole vocabulary.", neighbours_table(vectors, shown)),
    )


def drawn_words(vectors: WordVectors, most: int, marked: Collection[int]) -> list[int]:
    """The first words that have a letter or digit, and all that are marked, in the order of the vocabulary."""
    worded = [
        place
        for place, word in enumerate(vectors.words)
        if word != UNKNOWN and any(character.isalnum() for character in word)
    ]
    return sorted({*worded[:most], *marked})


def draw(projected: Projected, names: Sequence[str], emphasis: Sequence[bool]) -> Markup:
    """A dot for each word, and its name where no other name is; those with emphasis have theirs first."""
    chart = Chart(WIDE, HEIGHT, left=20, right=20, top=16, bottom=16)
    x_axis, y_axis = equal_axes(projected.points_N2, chart)
    labels = Labels(chart)
    for number in sorted(range(len(names)), key=lambda number: not emphasis[number]):
        x, y = x_axis.at(projected.points_N2[number, 0]), y_axis.at(projected.points_N2[number, 1])
        colour = DISTINCT[1] if emphasis[number] else DISTINCT[0]
        chart.dot(x, y, colour, radius=4.0 if emphasis[number] else 2.5, note=names[number])
        labels.place(x, y, names[number], "name" if emphasis[number] else "label")
    return chart.drawn(f"A map of {len(names)} words")


def equal_axes(points_N2: np.ndarray, chart: Chart) -> tuple[Linear, Linear]:
    """Both axes with as many pixels for a unit: else distances on the map would not be comparable."""
    width, height = chart.right - chart.left, chart.bottom - chart.top
    x, y = (linear(points_N2[:, column].tolist(), 0, 1) for column in (0, 1))
    unit = max((x.high - x.low) / width, (y.high - y.low) / height)

    def axis(scale: Linear, start: float, end: float) -> Linear:
        middle, half = (scale.low + scale.high) / 2, unit * abs(end - start) / 2
        return Linear(middle - half, middle + half, start, end)

    return axis(x, chart.left, chart.right), axis(y, chart.bottom, chart.top)


class Labels:
    """Names on a chart, of which none lies over another."""

    def __init__(self, chart: Chart) -> None:
        self.chart = chart
        self.taken: list[tuple[float, float, float, float]] = []

    def place(self, x: float, y: float, name: str, class_: str) -> bool:
        """Write a name beside its dot, on the right or else on the left; returns whether there was room."""
        width = len(name) * CHARACTER
        for left, anchor in ((x + 6, "start"), (x - 6 - width, "end")):
            box = (left, y - LINE / 2, left + width, y + LINE / 2)
            inside = box[0] >= 0 and box[2] <= self.chart.width
            if inside and not any(overlap(box, other) for other in self.taken):
                self.taken.append(box)
                self.chart.text(x + 6 if anchor == "start" else x - 6, y + 4, name, anchor=anchor, class_=class_)
                return True
        return False


def overlap(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    """Whether two boxes (left, top, right, bottom) have a point in common."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def neighbours_table(vectors: WordVectors, shown: Sequence[int]) -> Markup:
    """A row for each word: those with the largest cosines to it."""
    head = element("tr", element("th", "word"), element("th", f"its {NEIGHBOURS} nearest, and their cosines"))
    rows = []
    for place in shown:
        near = ", ".join(f"{plain_name(word)} {cosine:.2f}" for word, cosine in vectors.nearest(place, NEIGHBOURS))
        rows.append(element("tr", element("td", plain_name(vectors.words[place])), element("td", near)))
    return folded_table(head, rows, OPEN_ROWS, class_="wrap")
