"""The page of an evaluation: one offline HTML file with its figures, pictures and tables."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from rnnlab.evaluation.evaluating import Evaluation
from rnnlab.evaluation.pictures import ahead_picture, confusion_picture, length_picture
from rnnlab.report.card import figure_card
from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.report.tables import folded_table
from rnnlab.report.words import figure

Row = dict[str, Any]
SEEN = 25
PICTURES: dict[str, tuple[str, str, Callable[[Sequence[Row]], Markup]]] = {
    "confusion": ("Which class was taken for which", "A row for each true class; ink is its share.", confusion_picture),
    "length": ("Accuracy against length", "Groups of about as many answers; 95 % intervals (Wilson).", length_picture),
    "ahead": ("Error against the step ahead", "In the units of the training part's deviation.", ahead_picture),
}
TABLES = {"classes": "Each class", "length": "Accuracy against length", "ahead": "Error of each step ahead"}


def page(evaluation: Evaluation, title: str) -> str:
    """The whole page."""
    pictures = [
        figure_card(name, caption, draw(evaluation.tables[table]))
        for table, (name, caption, draw) in PICTURES.items()
        if table in evaluation.tables
    ]
    tables = [
        figure_card(name, "", table_of(evaluation.tables[table]))
        for table, name in TABLES.items()
        if table in evaluation.tables
    ]
    heading = element("h1", f"{title}: {evaluation.split}")
    return document(
        f"{title}: {evaluation.split}",
        heading,
        element("p", f"Run {evaluation.run_id}, its best weights, {evaluation.items:,} answers.", class_="soft"),
        element("dl", *facts(evaluation), class_="facts"),
        *pictures,
        *tables,
    )


def facts(evaluation: Evaluation) -> list[Markup]:
    """A box for each figure with its interval, and for each rival's."""
    boxes = [(name, value, interval_text(evaluation, name)) for name, value in evaluation.figures.items()]
    boxes += [(name.replace("/", " of ", 1), value, "") for name, value in evaluation.rivals.items()]
    return [
        element("div", element("dt", name), element("dd", figure(value), element("small", below)))
        for name, value, below in boxes
    ]


def interval_text(evaluation: Evaluation, name: str) -> str:
    """``0.91 to 0.94 (95 %)``; empty where there is no interval."""
    found = evaluation.intervals.get(name)
    if found is None or math.isnan(found.low):
        return ""
    return f"{figure(found.low)} to {figure(found.high)} (95 %)"


def table_of(rows: Sequence[Row]) -> Markup:
    """Rows under their keys."""
    head = element("tr", *(element("th", key) for key in rows[0]))
    body = [element("tr", *(element("td", cell_text(value)) for value in row.values())) for row in rows]
    return folded_table(head, body, SEEN)


def cell_text(value: Any) -> str:
    """Empty for what could not be computed."""
    if isinstance(value, float):
        return "" if math.isnan(value) else figure(value)
    return str(value)
