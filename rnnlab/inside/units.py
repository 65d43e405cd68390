"""One unit of one layer, as people write it: ``1:17``, or ``1:c:17`` for its c."""

from __future__ import annotations

from typing import NamedTuple

from rnnlab.errors import RequestError, did_you_mean
from rnnlab.inside.reading import Part
from rnnlab.models.stack import Stack

DEFAULT = "h"
"""What a unit shows to all others, where no other of its intermediates is named."""


class UnitAddress(NamedTuple):
    """One number that a layer computes at each step: unit ``unit`` of ``name`` ("h", "c", a gate, ...)."""

    layer: int
    name: str
    unit: int

    @property
    def part(self) -> Part:
        return Part(self.layer, self.name)

    def __str__(self) -> str:
        return f"{self.layer}:{self.name}:{self.unit}"


def parse(word: str, stack: Stack, option: str = "--cell") -> UnitAddress:
    """``LAYER:UNIT`` or ``LAYER:NAME:UNIT``, both counted from 0. RequestError where the stack has no such unit."""
    pieces = word.split(":")
    if len(pieces) == 2:
        pieces.insert(1, DEFAULT)
    cells = list(stack.layers())
    if len(pieces) != 3 or not (pieces[0].isdecimal() and pieces[2].isdecimal()):
        raise RequestError(f"{option} {word}: give LAYER:UNIT or LAYER:NAME:UNIT, as in 0:17 or {len(cells) - 1}:h:17")
    layer, name, unit = int(pieces[0]), pieces[1], int(pieces[2])
    if layer >= len(cells):
        raise RequestError(f"{option} {word}: no layer {layer}; there are 0 to {len(cells) - 1}")
    names = cells[layer].names
    if name not in names:
        hint = did_you_mean(name, names)
        raise RequestError(
            f"{option} {word}: cell={cells[layer].config.name} has no {name}; it has {', '.join(names)}{hint}"
        )
    if unit >= cells[layer].hidden_size:
        raise RequestError(
            f"{option} {word}: layer {layer} has no unit {unit}; it has 0 to {cells[layer].hidden_size - 1}"
        )
    return UnitAddress(layer, name, unit)
