"""How far apart cells are that are easily taken for one another, when they share all the weights they can."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from rnnlab.checks.subject import Subject, difference, inputs, run
from rnnlab.config import registry
from rnnlab.models.cells.base import Cell

TWINS = (
    ("gru", "gru_cho"),
    ("lstm", "peephole_lstm"),
    ("lstm", "np"),
    ("peephole_lstm", "np"),
    ("peephole_lstm", "niaf"),
    ("peephole_lstm", "noaf"),
    ("peephole_lstm", "fgr"),
    ("antisymmetric", "gated_antisymmetric"),
)
"""Pairs by their options; one of which a cell is absent is left out."""
ROWS, STEPS = 2, 10


@dataclass(frozen=True, slots=True)
class Apart:
    """The largest difference of two cells' outputs over ten steps of the same input, in float64.

    difference  with all weights drawn at random, those that both have being equal
    without     the same where the weights that only one of them has are zero
    alone       the letters of these
    """

    cells: str
    difference: float
    without: float
    alone: str

    def plain(self) -> dict[str, Any]:
        return asdict(self)


def twins_of(names: Collection[str]) -> list[Apart]:
    """Every pair of TWINS with a cell of ``names`` in it, where there are both."""
    there = registry.names("cell")
    with torch.random.fork_rng(devices=[]):
        return [apart(a, b) for a, b in TWINS if {a, b} & {*names} and {a, b} <= {*there}]


def apart(first: str, second: str) -> Apart:
    """Measure two cells. A weight is shared where both have its letter, in the same shape."""
    cells = Subject(first).cell(), Subject(second).cell()
    mine, theirs = (letters(cell) for cell in cells)
    shared = [letter for letter in mine if letter in theirs and mine[letter].shape == theirs[letter].shape]
    with torch.no_grad():
        for letter in shared:
            theirs[letter].copy_(mine[letter])
        x_BTD = inputs(cells[0], ROWS, STEPS)
        drawn = difference(*(run(cell, x_BTD, cell.initial_state(ROWS))[0] for cell in cells))
        for weights in (mine, theirs):
            for letter in weights.keys() - {*shared}:
                weights[letter].zero_()
        without = difference(*(run(cell, x_BTD, cell.initial_state(ROWS))[0] for cell in cells))
    return Apart(f"{first}, {second}", drawn, without, " ".join(sorted({*mine, *theirs} - {*shared})))


def letters(cell: Cell) -> dict[str, Tensor]:
    """What the equations' letters stand for that is learned: parameters, and the blocks of those that have some."""
    places = {parameter.untyped_storage().data_ptr() for parameter in cell.parameters()}
    found = {letter: value for letter, value in cell.symbols().items() if _place(value) in places}
    return {letter: value for letter, value in found.items() if not _is_made_of(value, found.values())}


def _place(value: Any) -> int | None:
    return value.untyped_storage().data_ptr() if isinstance(value, Tensor) else None


def _is_made_of(value: Tensor, others: Collection[Tensor]) -> bool:
    """Whether others are blocks of a value, which then has their letters and needs none of its own."""
    return any(_place(other) == _place(value) and other.numel() < value.numel() for other in others)
