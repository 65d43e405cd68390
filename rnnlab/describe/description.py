"""All that `rnnlab cells show` tells of a cell: what its docstring says, and what is counted and measured."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.config.recipes import recipe_summary, recipes
from rnnlab.describe.costs import Operations, bytes_kept, operations
from rnnlab.describe.plan import Plan, plan_of
from rnnlab.describe.polynomial import Polynomial, polynomial_text, recovered, valued
from rnnlab.describe.settings import settings_of
from rnnlab.models.backends import backends_of
from rnnlab.models.cells.base import Cell
from rnnlab.models.equations import Equation, equation_lines, equations_of, latex
from rnnlab.models.sizes import hidden_sizes, nearest_hidden_size
from rnnlab.models.stack import Stack

INPUT_SIZE = 64
"""D where nobody asks for another."""


@dataclass(frozen=True, slots=True)
class Description:
    """A cell of one configuration, and the experiment that it is asked about in.

    citation, notes  what the docstring says before and after the equations
    plan             the experiment, unrolled
    polynomial       parameters in H and D; None where they are none
    kept             bytes that one step keeps for the backward pass, for one row
    recipes          name -> what it is for: those of conf/cell over this cell
    """

    name: str
    cell: Cell
    plan: Plan
    citation: str
    notes: str
    equations: list[Equation]
    parameters: int
    polynomial: Polynomial | None
    operations: Operations
    kept: int
    recipes: dict[str, str]

    @property
    def component(self) -> str:
        """The cell itself; ``name`` may be a recipe over it."""
        return self.cell.config.name

    @property
    def stack(self) -> Stack.Config:
        return self.plan.row.stack

    @property
    def title(self) -> str:
        return self.name if self.name == self.component else f"{self.name} (a recipe over cell={self.component})"

    @property
    def sizes(self) -> str:
        return f"H = {self.cell.hidden_size}, D = {self.cell.input_size}"

    @property
    def backends(self) -> list[str]:
        return [backend.value for backend in backends_of(self.cell)]

    @property
    def formula(self) -> str | None:
        """The polynomial as text; None where there is none."""
        if self.polynomial is None:
            return None
        H, D = self.cell.hidden_size, self.cell.input_size
        holds = valued(self.polynomial, H, D) == self.parameters
        return polynomial_text(self.polynomial) + ("" if holds else " where D is not H")

    @property
    def state_numbers(self) -> int:
        """How many numbers a row carries from step to step."""
        return sum(part.numel() for part in self.cell.initial_state(1))

    @property
    def settings(self) -> list[dict[str, Any]]:
        return settings_of(self.cell.config)

    def plain(self) -> dict[str, Any]:
        """The same as one object of lists, numbers and texts."""
        return {
            "cell": self.name,
            "component": self.component,
            "class": type(self.cell).__name__,
            "citation": self.citation,
            "notes": self.notes,
            "equations": [{"text": e.text, "latex": latex(e), "gloss": e.gloss} for e in self.equations],
            "hidden_size": self.cell.hidden_size,
            "input_size": self.cell.input_size,
            "parameters": {"count": self.parameters, "formula": self.formula},
            "flops": {
                "products": self.operations.products,
                "elementwise": self.operations.elementwise,
                "total": self.operations.total,
            },
            "memory_bytes": self.kept,
            "state": {"names": list(self.cell.state_names), "numbers": self.state_numbers},
            "backends": self.backends,
            "experiment": self.plan.plain(),
            "settings": self.settings,
            "recipes": [{"name": name, "summary": summary} for name, summary in self.recipes.items()],
        }


def describe(name: str, overrides: list[str] | None = None, input_size: int = INPUT_SIZE) -> Description:
    """Describe ``cell=name`` as ``rnnlab train cell=name OVERRIDES`` would make it, for inputs of D = ``input_size``.

    It is the cell of the stack's lowest layer: ``stack.parameters`` and ``stack.hidden_sizes`` say how large it is.
    RequestError for a cell or setting that there is not, or for equations that cannot be read.
    """
    experiment = compose([f"cell={name}", *(overrides or [])]).experiment
    config = replace(experiment.cell, hidden_size=lowest_size(experiment.stack, experiment.cell, input_size))
    cell: Cell = registry.build("cell", config, input_size)
    cell_class = type(cell)
    equations = equations_of(cell_class)
    citation, notes = prose(cell_class)
    return Description(
        name=name,
        cell=cell,
        plan=plan_of(experiment),
        citation=citation,
        notes=notes,
        equations=equations,
        parameters=cell_class.parameter_count(config, input_size),
        polynomial=recovered(lambda H, D: cell_class.parameter_count(replace(config, hidden_size=H), D)),
        operations=operations(cell, equations),
        kept=bytes_kept(cell),
        recipes=recipes_over(config.name),
    )


def lowest_size(stack: Stack.Config, cell: Cell.Config, input_size: int) -> int:
    """H of the lowest layer."""
    chosen = cell.hidden_size if stack.parameters is None else nearest_hidden_size(stack, cell, input_size)
    return hidden_sizes(stack, chosen)[0]


def prose(cell_class: type) -> tuple[str, str]:
    """What a cell's docstring says before its equations, and after them."""
    text = inspect.cleandoc(cell_class.__doc__ or "")
    block = equation_lines(text)
    start = text.index(block[0])
    end = text.rindex(block[-1]) + len(block[-1])
    return " ".join(text[:start].split()), text[end:].strip()


def recipes_over(cell: str) -> dict[str, str]:
    """The recipes of conf/cell that set up this cell, with what they are for."""
    found = recipes("cell")
    return {name: recipe_summary(file) for name, file in found.items() if _component(file, found) == cell}


def _component(recipe: Path, known: dict[str, Path]) -> str:
    """The cell that a recipe is over, through other recipes if need be."""
    defaults = (yaml.safe_load(recipe.read_text(encoding="utf-8")) or {}).get("defaults", [])
    first = str(next((entry for entry in defaults if entry != "_self_"), ""))
    return _component(known[first], known) if first in known and known[first] != recipe else first
