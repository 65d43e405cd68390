"""The confusion matrix, accuracy against length and error against the step ahead, as inline SVG."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnnlab.report.chart import NARROW, WIDE, Chart
from rnnlab.report.colours import DISTINCT
from rnnlab.report.markup import Markup
from rnnlab.report.scales import Categories, Linear

Row = dict[str, Any]
COLOUR = DISTINCT[0]
FEW = 12
"""Up to so many classes have their counts written into the squares."""


def confusion_picture(rows: Sequence[Row]) -> Markup:
    """Which class was taken for which: a square's ink is its share of the row."""
    names = tuple(row["true"] for row in rows)
    width = NARROW if len(names) <= FEW else WIDE
    side = (width - 130 - 24) / len(names)
    chart = Chart(width, side * len(names) + 90, left=130, bottom=78)
    x = Categories(names, chart.left, chart.right)
    y = Categories(names, chart.top, chart.bottom)
    chart.x_axis(x, "said")
    chart.y_axis(y, "true")
    for place, row in enumerate(rows):
        total = sum(row[name] for name in names)
        for other, name in enumerate(names):
            if row[name]:
                note = f"{row['true']} taken for {name}: {row[name]} of {total}"
                left, top = x.at(other) - side / 2, y.at(place) - side / 2
                chart.bar(
                    left + 1, top + 1, side - 2, side - 2, COLOUR, opacity=0.08 + 0.92 * row[name] / total, note=note
                )
                if len(names) <= FEW:
                    chart.text(x.at(other), y.at(place) + 4, f"{row[name]}", anchor="middle", class_="label")
    right = sum(row[row["true"]] for row in rows)
    return chart.drawn(f"confusion matrix of {len(names)} classes; {right} answers stand on its diagonal")


def length_picture(rows: Sequence[Row]) -> Markup:
    """Accuracy of each group of lengths, with its interval."""
    names = tuple(range_text(row) for row in rows)
    chart = Chart(NARROW, 300)
    x = Categories(names, chart.left, chart.right)
    lowest = min(row["low"] for row in rows)
    y = Linear(max(0.0, lowest - 0.05), 1.0, chart.bottom, chart.top)
    chart.x_axis(x, "steps")
    chart.y_axis(y, "accuracy")
    for place, row in enumerate(rows):
        note = f"{names[place]} steps: {row['accuracy']:.1%} of {row['items']}, {row['low']:.1%} to {row['high']:.1%}"
        chart.line([(x.at(place), y.at(row["low"])), (x.at(place), y.at(row["high"]))], COLOUR, note=note)
        chart.dot(x.at(place), y.at(row["accuracy"]), COLOUR, note=note)
    return chart.drawn(f"accuracy against length in {len(rows)} groups")


def ahead_picture(rows: Sequence[Row]) -> Markup:
    """The mean absolute error of each step ahead, with its interval."""
    chart = Chart(NARROW, 300)
    x = Categories(tuple(str(row["ahead"]) for row in rows), chart.left, chart.right)
    y = Linear(0.0, max(max(row["mae"] for row in rows) * 1.2, 1e-9), chart.bottom, chart.top)
    chart.x_axis(x, "steps ahead")
    chart.y_axis(y, "mean absolute error")
    for place, row in enumerate(rows):
        note = f"{row['ahead']} ahead: {row['mae']:.4g}, {row['low']:.4g} to {row['high']:.4g}"
        if row["low"] == row["low"]:  # one window alone has no interval
            chart.line([(x.at(place), y.at(row["low"])), (x.at(place), y.at(row["high"]))], COLOUR, note=note)
        chart.dot(x.at(place), y.at(row["mae"]), COLOUR, note=note)
    return chart.drawn(f"error against the step ahead, {len(rows)} steps")


def range_text(row: Row) -> str:
    """``7``, or ``7-9``."""
    return str(row["shortest"]) if row["shortest"] == row["longest"] else f"{row['shortest']}-{row['longest']}"
