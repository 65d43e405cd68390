"""The page of a cell, and its two pictures as files: all offline, without a script."""

from __future__ import annotations

from pathlib import Path

from rnnlab.describe.description import Description
from rnnlab.describe.diagram import cell_diagram
from rnnlab.describe.shapes import STYLE
from rnnlab.describe.text import equation_lines, facts, latex_lines, recipe_lines, settings_rows
from rnnlab.describe.unrolled import experiment_diagram
from rnnlab.describe.wiring import Wiring
from rnnlab.errors import RequestError
from rnnlab.report.card import figure_card
from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.report.words import counted
from rnnlab.tracking.atomic import write_atomically

CELL_FILE, UNROLLED_FILE, PAGE_FILE = "cell.svg", "unrolled.svg", "page.html"


def write(told: Description, folder: Path) -> list[Path]:
    """Write ``cell.svg``, ``unrolled.svg`` and ``page.html`` into a folder, which is made where there is none.

    RequestError where the folder cannot be made, WorkError where the disk refuses.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"--to {folder}: no folder can be made there: {error.strerror}") from error
    contents = {
        CELL_FILE: f"{step_picture(told)}\n",
        UNROLLED_FILE: f"{stack_picture(told)}\n",
        PAGE_FILE: cell_page(told),
    }
    for name, content in contents.items():
        write_atomically(folder / name, content.encode())
    return [folder / name for name in contents]


def step_picture(told: Description, *, alone: bool = True) -> Markup:
    """One step of the cell."""
    wiring = Wiring(told.equations, told.cell.symbols())
    return cell_diagram(wiring, f"one step of {told.name}", alone=alone)


def stack_picture(told: Description, *, alone: bool = True) -> Markup:
    """The experiment over a few steps."""
    same_size = told.cell.input_size == told.cell.hidden_size * told.stack.directions
    return experiment_diagram(told.plan, type(told.cell).__name__, same_size=same_size, alone=alone)


def cell_page(told: Description) -> str:
    """The whole page."""
    numbers = [
        element("div", element("dt", name), element("dd", figure, element("small", kind.replace("^2", "\u00b2"))))
        for name, figure, kind in facts(told)
    ]
    step = "Biases are left out. Thick lines are matrix products, dashed ones come from the step before."
    layers = f"{counted(told.stack.depth, 'layer')}, {told.stack.connections.value} connections."
    notes = [element("p", part) for part in told.notes.split("\n\n") if part]
    return document(
        f"cell={told.name}",
        element("h1", told.title),
        element("p", told.citation, class_="soft"),
        figure_card("One step", step, step_picture(told, alone=False)),
        _equations(told),
        element("div", *notes, class_="card") if notes else Markup(),
        element("dl", *numbers, class_="facts"),
        _settings(told),
        figure_card(f"The experiment, unrolled: {told.plan.shape.value}", layers, stack_picture(told, alone=False)),
        styles=[STYLE],
    )


def _equations(told: Description) -> Markup:
    plain, aligned = "\n".join(equation_lines(told)), "\n".join(latex_lines(told))
    source = element("details", element("summary", "LaTeX"), element("pre", aligned))
    return element("div", element("h2", "Equations"), element("pre", plain), source, class_="card")


def _settings(told: Description) -> Markup:
    head = element("tr", *(element("th", name) for name in ("setting", "value", "default", "what it means")))
    body = [
        element(
            "tr",
            element("td", element("code", row["setting"])),
            element("td", row["value"]),
            element("td", row["default"]),
            element("td", row["what"]),
        )
        for row in settings_rows(told)
    ]
    table = element("table", element("thead", head), element("tbody", *body))
    recipes = [element("p", line, class_="soft") for line in recipe_lines(told)]
    return element(
        "div", element("h2", "Settings"), element("div", table, class_="scroll wrap"), *recipes, class_="card"
    )
