"""The page of one model's graph: the stack over a few steps, one step of its cell, and every parameter."""

from __future__ import annotations

from rnnlab.describe.diagram import cell_diagram
from rnnlab.describe.plan import plan_of_model
from rnnlab.describe.shapes import STYLE
from rnnlab.describe.unrolled import experiment_diagram
from rnnlab.describe.wiring import Wiring
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell
from rnnlab.models.equations import equations_of
from rnnlab.models.tasks.base import Task
from rnnlab.report.card import figure_card
from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.report.words import counted


def graph_page(model: Task, run: str) -> str:
    """What the model of a run is made of, and what reads what."""
    stack, cell = model.stack.config, next(model.stack.layers())
    same_size = cell.input_size == cell.hidden_size * stack.directions
    plan = plan_of_model(model)
    unrolled = experiment_diagram(plan, type(cell).__name__, same_size=same_size, alone=False)
    count = sum(parameter.numel() for parameter in model.parameters())
    parts = {"embedding": model.embedding.config.name, "cell": cell.config.name, "task": model.config.name}
    parts["parameters"] = f"{count:,}"
    facts = [element("div", element("dt", name), element("dd", value)) for name, value in parts.items()]
    layers = f"{counted(stack.depth, 'layer')}, {stack.connections.value} connections."
    return document(
        f"Model of run {run}",
        element("h1", f"The model of run {run}"),
        element("dl", *facts, class_="facts"),
        figure_card(f"Unrolled over time: {plan.shape.value}", layers, unrolled),
        _step(cell),
        _parameters(model),
        styles=[STYLE],
    )


def _step(cell: Cell) -> Markup:
    """One step of the cell; the reason why there is no picture, where its equations cannot be read."""
    told = f"cell={cell.config.name}. Biases are left out. Thick lines are matrix products, dashed ones come from"
    try:
        wiring = Wiring(equations_of(type(cell)), cell.symbols())
    except RequestError as error:
        return figure_card("One step", "", f"There is no picture of it: {error}")
    drawn = cell_diagram(wiring, f"one step of {cell.config.name}", alone=False)
    return figure_card("One step", f"{told} the step before.", drawn)


def _parameters(model: Task) -> Markup:
    """A row for each parameter, tied ones once."""
    numbers = element("th", "numbers", class_="number")
    head = element("tr", element("th", "parameter"), element("th", "shape"), numbers)
    body = [
        element(
            "tr",
            element("td", element("code", name)),
            element("td", " \u00d7 ".join(f"{size:,}" for size in weight.shape)),
            element("td", f"{weight.numel():,}", class_="number"),
        )
        for name, weight in model.named_parameters()
    ]
    table = element("table", element("thead", head), element("tbody", *body))
    return figure_card("Parameters", "Tied ones are listed once.", element("div", table, class_="scroll"))
