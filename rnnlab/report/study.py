"""A sweep's study on its page: each claim with its test, verdict and numbers, and the figures, embedded."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.card import figure_card
from rnnlab.report.images import image
from rnnlab.report.markup import Markup, element
from rnnlab.report.words import figure as number
from rnnlab.studies.base import Claim, Row, Verdict
from rnnlab.studies.discovery import Examined, examine
from rnnlab.studies.rendering import render
from rnnlab.tracking.atomic import write_atomically, write_failed

FIGURES = "figures"
KINDS = {"gif": "image/gif", "svg": "image/svg+xml"}
"""What a page shows of a figure's files, in this order."""


@dataclass(frozen=True, slots=True)
class Told:
    """A study and the files of its figures: name -> ending -> content."""

    examined: Examined
    files: Mapping[str, Mapping[str, bytes]]


def tell(sweep: SweepRecord) -> Told | None:
    """Examine a sweep and draw its figures; None where it has no study."""
    examined = examine(sweep)
    if examined is None:
        return None
    return Told(examined, {figure.name: render(figure) for figure in examined.figures})


def write_figures(sweep: SweepRecord, told: Told) -> None:
    """Put the files into the sweep's folder. WorkError where the disk refuses."""
    folder = sweep.folder.path / FIGURES
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise write_failed(folder, error) from error
    for name, files in told.files.items():
        for ending, content in files.items():
            write_atomically(folder / f"{name}.{ending}", content)


def study_cards(told: Told) -> list[Markup]:
    """The study's part of a page."""
    examined = told.examined
    return [
        element("h1", examined.question),
        *(element("p", line, class_="warn") for line in examined.missing),
        *(_claim(claim) for claim in examined.claims),
        *_figures(told),
        _files(told),
    ]


def _claim(claim: Claim) -> Markup:
    kind = "warn" if claim.verdict in (Verdict.too_few, Verdict.contradicted) else None
    said = [
        element("p", element("strong", f"{claim.verdict.value.capitalize()}. "), claim.answer, class_=kind),
        *([element("p", claim.missing, class_="warn")] if claim.missing else []),
        *([_table(list(claim.rows))] if claim.rows else []),
    ]
    return figure_card(f"Claim: {claim.text}", claim.test, element("div", *said))


def _table(rows: list[Row]) -> Markup:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    head = element("tr", *(element("th", key.replace("_", " ")) for key in keys))
    body = [element("tr", *(element("td", _text(row.get(key))) for key in keys)) for row in rows]
    table = element("table", element("thead", head), element("tbody", *body))
    return element("div", table, class_="scroll")


def _figures(told: Told) -> list[Markup]:
    if not told.files:
        return [figure_card("Figures", "", "No run has left a table to draw from yet.")]
    cards = []
    for figure in told.examined.figures:
        files = told.files[figure.name]
        pictures = [image(files[ending], figure.title, kind) for ending, kind in KINDS.items() if ending in files]
        beside = f"{FIGURES}/{figure.name}: {', '.join(sorted(files))}"
        content = element("div", *pictures, element("p", beside, class_="soft"))
        cards.append(figure_card(figure.title, figure.caption, content))
    return cards


def _files(told: Told) -> Markup:
    named = [str(Path(FIGURES) / f"{name}.csv") for name in told.files]
    words = element("pre", "\n".join(named)) if named else "None yet: no figure could be drawn."
    return figure_card("The numbers", "What each figure shows as CSV, beside this page.", words)


def _text(value: str | float | int | None) -> str:
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    return number(value) if math.isfinite(value) else ("\u221e" if value > 0 else "-\u221e")
