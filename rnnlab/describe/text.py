"""A description of a cell as lines for a terminal."""

from __future__ import annotations

from typing import Any

from rnnlab.describe.description import Description
from rnnlab.models.equations import latex


def heading(told: Description) -> list[str]:
    """What the cell is, and its equations twice: as they are written, and for LaTeX."""
    lines = [f"{told.title}: {told.citation}", ""]
    lines += [f"  {line}".rstrip() for line in (*equation_lines(told), "", *latex_lines(told))]
    return [*lines, *(["", told.notes] if told.notes else [])]


def equation_lines(told: Description) -> list[str]:
    """The equations as they are written, their glosses below one another."""
    width = max(len(equation.text) for equation in told.equations)
    return [f"{equation.text.ljust(width)}    {equation.gloss}".rstrip() for equation in told.equations]


def latex_lines(told: Description) -> list[str]:
    """The equations for LaTeX, aligned at their first sign."""
    lines = [rf"  {latex(equation).replace(' = ', ' &= ', 1)} \\" for equation in told.equations]
    return [r"\begin{aligned}", *lines, r"\end{aligned}"]


def facts(told: Description) -> list[tuple[str, str, str]]:
    """What is counted and measured: (what, how much, of what kind)."""
    names, steps = ", ".join(told.cell.state_names), told.operations
    shares = f"{steps.products:,} in matrix products, {steps.elementwise:,} elementwise"
    return [
        ("parameters", f"{told.parameters:,}", f"{told.formula or 'no polynomial in H and D'}, at {told.sizes}"),
        ("FLOPs", f"{steps.total:,}", f"a step of one row, forward: {shares}"),
        ("memory", f"{told.kept:,} bytes", "kept of a step of one row for the backward pass of the loop"),
        ("state", f"{told.state_numbers:,} numbers", f"a row: {names}"),
        ("backends", ", ".join(told.backends), "in the order in which auto takes them"),
    ]


def recipe_lines(told: Description) -> list[str]:
    """What conf/cell has over this cell."""
    return [f"cell={name}: {summary}" for name, summary in told.recipes.items()]


def settings_rows(told: Description) -> list[dict[str, Any]]:
    """A row for each setting, under the name that an override gives it."""
    return [
        {
            "setting": f"cell.{row['name']}",
            "value": str(row["value"]),
            "default": str(row["default"]),
            "what": row["meaning"] + (f" ({', '.join(map(str, row['choices']))})" if row["choices"] else ""),
        }
        for row in told.settings
    ]
