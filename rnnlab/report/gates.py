"""The page of a run's gates, with its pictures and numbers as files beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.analysis.tables import as_csv, read_table, table_steps
from rnnlab.report.card import figure_card
from rnnlab.report.document import document
from rnnlab.report.images import image
from rnnlab.report.markup import Markup, element
from rnnlab.report.words import figure as number
from rnnlab.studies.base import Columns, Row, columns_of
from rnnlab.studies.gate_figures import development_figure, scatter_figure
from rnnlab.studies.rendering import png
from rnnlab.tracking.atomic import write_atomically
from rnnlab.tracking.folder import RunFolder

PAGE = "gates.html"
SATURATION = "saturation"
MOSTLY = 0.9
"""The share of time from which on a unit's gate counts as always at that end."""


@dataclass(frozen=True, slots=True)
class Gates:
    """What was found: for each moment, layer, gate and unit, the shares of time near either end.

    read  what the model read, in words
    """

    run: str
    cell: str
    read: str
    columns: Columns


def summary(gates: Gates) -> list[Row]:
    """A row for each moment, layer and gate."""
    columns = gates.columns
    places = zip(*(columns[key].tolist() for key in ("moment", "step", "layer", "gate")), strict=True)
    rows: list[Row] = []
    for moment, step, layer, gate in dict.fromkeys(places):
        chosen = (columns["step"] == step) & (columns["layer"] == layer) & (columns["gate"] == gate)
        below, above = columns["below"][chosen], columns["above"][chosen]
        rows.append(
            {
                "moment": moment,
                "step": step,
                "layer": layer,
                "gate": gate,
                "below_0.1": float(below.mean()),
                "above_0.9": float(above.mean()),
                "units": len(below),
                "always_shut": int((below > MOSTLY).sum()),
                "always_open": int((above > MOSTLY).sum()),
                "never_at_an_end": int(((below == 0) & (above == 0)).sum()),
            }
        )
    return rows


def development(folder: RunFolder, rows: Sequence[Row]) -> Columns:
    """Means over units by step: what the run's own probe saw, and what its kept weights do.

    WorkError where a table of the run is damaged.
    """
    found = [
        {"source": "probe", "step": table.step, "layer": layer, "gate": gate, "below": below, "above": above}
        for table in (read_table(path, SATURATION) for path in table_steps(folder, SATURATION).values())
        for layer, gate, below, above in zip(*(table[k] for k in ("layer", "gate", "below", "above")), strict=True)
    ]
    found += [
        {"source": "checkpoint", **{key: row[key] for key in ("step", "layer", "gate")}}
        | {"below": row["below_0.1"], "above": row["above_0.9"]}
        for row in rows
    ]
    return columns_of(found)


def write(folder: RunFolder, gates: Gates) -> list[Path]:
    """The page, two pictures and their numbers, into the run's folder. WorkError where the disk refuses."""
    rows = summary(gates)
    figures = [scatter_figure(gates.columns), development_figure(development(folder, rows))]
    pictures = {figure.name: png(figure) for figure in figures}
    cards = [figure_card(each.title, each.caption, image(pictures[each.name], each.title)) for each in figures]
    contents = {PAGE: gates_page(gates, rows, cards).encode()}
    for figure in figures:
        contents |= {f"{figure.name}.png": pictures[figure.name], f"{figure.name}.csv": as_csv(figure.columns)}
    for name, content in contents.items():
        write_atomically(folder.path / name, content)
    return [folder.path / name for name in contents]


def gates_page(gates: Gates, rows: Sequence[Row], cards: Sequence[Markup]) -> str:
    """The whole page."""
    return document(
        f"Gates of run {gates.run}",
        element("h1", f"Gates of run {gates.run}"),
        element("p", f"cell={gates.cell}, which read {gates.read}.", class_="soft"),
        *cards,
        _table(rows),
        element("footer", "The numbers: gates.csv, a row for each unit, and gates_over_training.csv."),
        pictures=True,
    )


def _table(rows: Sequence[Row]) -> Markup:
    caption = (
        f"Shares of all steps and units; and how many units have the gate shut or open for more than {MOSTLY:.0%} of"
        " the time, or never near an end."
    )
    keys = list(rows[0])
    text = {key: isinstance(rows[0][key], str) for key in keys}
    head = element("tr", *(_cell("th", key.replace("_", " "), text[key]) for key in keys))
    body = [element("tr", *(_cell("td", _said(row, key), text[key]) for key in keys)) for row in rows]
    table = element("table", element("thead", head), element("tbody", *body))
    return figure_card("In numbers", caption, element("div", table, class_="scroll"))


def _cell(name: str, words: str, text: bool) -> Markup:
    return element(name, words, class_=None if text else "number")


def _said(row: Mapping[str, object], key: str) -> str:
    value = row[key]
    if isinstance(value, float):
        return f"{value:.3f}"
    return number(value) if isinstance(value, int) else str(value)
