"""What many units do over a long text, at half precision so that a thousand of them fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlab.errors import RequestError, WorkError, did_you_mean
from rnnlab.inside.reading import WARM_UP, Part, read
from rnnlab.inside.units import UnitAddress
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.language_model import LanguageModel

MOST_ROWS, LEAST_SHARE = 64, 2
"""Rows that are read side by side, and how many times its warm-up each should have to itself."""
STATES, ALL, SHOWN = "states", "all", "h"


@dataclass(frozen=True, slots=True)
class Activations:
    """values: of each part, float16 (N, H): 11 bits of precision, which leave ranks as they are to all purposes."""

    values: Mapping[Part, np.ndarray]

    def of(self, unit: UnitAddress) -> np.ndarray:
        """One unit after each character: float32 (N,)."""
        return self.values[unit.part][:, unit.unit].astype(np.float32)

    def at(self, places: np.ndarray) -> Activations:
        return Activations({part: values_NH[places] for part, values_NH in self.values.items()})


def collect(
    model: LanguageModel,
    symbols_N: np.ndarray,
    parts: Sequence[Part],
    progress: Callable[[int, int], None] = lambda done, of: None,
    warm_up: int = WARM_UP,
) -> Activations:
    """Let the model read the symbols, side by side as ``read`` says.

    WorkError where a unit is NaN, or beyond what half precision holds (65,504).
    """
    rows = rows_for(len(symbols_N), warm_up)
    with np.errstate(over="ignore"):
        found = read(model, symbols_N, parts, rows=rows, warm_up=warm_up, allocate=half_precision, progress=progress)
    for part, values_NH in found.values.items():
        if not np.isfinite(values_NH.max(axis=0)).all() or not np.isfinite(values_NH.min(axis=0)).all():
            raise WorkError(f"layer {part.layer}, {part.name}: some units are not finite, or larger than 65,504")
    return Activations(found.values)


def rows_for(symbols: int, warm_up: int = WARM_UP) -> int:
    """How many rows read a text of so many symbols side by side."""
    return max(1, min(MOST_ROWS, symbols // (LEAST_SHARE * warm_up)))


def half_precision(part: Part, shape: tuple[int, int]) -> np.ndarray:
    return np.empty(shape, dtype=np.float16)


def state_parts(stack: Stack) -> list[Part]:
    """What layers show and carry from step to step, lowest layer first: h, then c and whatever else a cell has."""
    cells = list(stack.layers())
    return [
        Part(layer, name)
        for layer, cell in enumerate(cells)
        for name in dict.fromkeys((SHOWN, *cell.state_names))
        if name in cell.names
    ]


def named_parts(stack: Stack, words: str) -> list[Part]:
    """``states``, ``all``, or names with commas, of all layers that have them. RequestError for an unknown name."""
    if words == STATES:
        return state_parts(stack)
    cells = list(stack.layers())
    ordered = [name for cell in cells for name in (SHOWN, *cell.state_names, *cell.names) if name in cell.names]
    known = list(dict.fromkeys(ordered))
    names = known if words == ALL else list(dict.fromkeys(word for word in words.split(",") if word))
    for name in names:
        if name not in known:
            possible = f"{STATES}, {ALL}, or some of {', '.join(known)}{did_you_mean(name, known)}"
            raise RequestError(f"--parts {words}: no cell of this run has {name!r}; possible: {possible}")
    if not names:
        raise RequestError(f"--parts {words!r}: name at least one of {', '.join(known)}")
    return [Part(layer, name) for name in names for layer, cell in enumerate(cells) if name in cell.names]
