"""How many gates stand nearly shut or nearly open.

Shapes: B rows, T steps, H hidden units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell
from rnnlab.models.equations import equations_of
from rnnlab.models.expressions import Call
from rnnlab.models.tasks.base import Task
from rnnlab.probes.base import ALL, GROWTH, Findings, Probe, Source, Subject, cannot, column_table

SHUT, OPEN = 0.1, 0.9
COLUMNS = ("layer", "gate", "below", "above", "mean")


class Saturation(Probe):
    """The shares of each gate below 0.1 and above 0.9, over all rows, valid steps and units.

    A gate is a value between 0 and 1 that a cell's own equations give as ``sigmoid(...)`` and that is no
    part of its state.
    """

    name = "saturation"
    together = (ALL, GROWTH)

    def asked(self, model: Task, source: Source) -> None:
        if not gates_of(next(model.stack.layers())):
            raise cannot(self.name, model, "its equations have no gate that is a sigmoid")

    def look(self, subject: Subject) -> Findings:
        rows: list[tuple[Any, ...]] = []
        for number, (layer, cell) in enumerate(zip(subject.names, subject.model.stack.layers(), strict=True)):
            for gate in gates_of(cell):
                value_N = valid(subject.trace.stacked(number, gate).detach(), subject.batch.lengths)
                shares = ((value_N < SHUT), (value_N > OPEN), value_N)
                rows.append((layer, gate, *(float(share.double().mean()) for share in shares)))
        top = [row for row in rows if row[0] == subject.names[-1]]
        figures = {"below": mean([row[2] for row in top]), "above": mean([row[3] for row in top])}
        return Findings({"saturation": column_table(COLUMNS, rows)}, figures)


def gates_of(cell: Cell) -> list[str]:
    """The names of a cell's sigmoid gates, as its docstring has them; none where that has no readable equations."""
    try:
        equations = equations_of(type(cell))
    except RequestError:
        return []
    meant = cell.symbols()
    return [
        equation.left.symbol
        for equation in equations
        if isinstance(equation.right, Call)
        and meant.get(equation.right.function, equation.right.function) == "sigmoid"
        and equation.left.symbol in cell.names
        and equation.left.symbol not in cell.state_names
    ]


def valid(value_BTH: Tensor, lengths_B: Tensor | None) -> Tensor:
    """The values of valid steps, flat: they come first in either order of steps."""
    if lengths_B is None:
        return value_BTH.flatten()
    return value_BTH[torch.arange(value_BTH.shape[1]) < lengths_B[:, None]].flatten()


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
