"""What a page or picture of a text is painted with: the levels of all units, surprise, and guesses.

Shapes: N symbols of the text, H units of a layer, K guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rnnlab.errors import RequestError
from rnnlab.inside.activations import ALL, named_parts
from rnnlab.inside.painting.shading import Scale, scales_of
from rnnlab.inside.reading import Guesses, Part, read
from rnnlab.inside.subject import Subject
from rnnlab.inside.units import UnitAddress
from rnnlab.models.stack import Stack

GUESSES = 5
MOST_BYTES = 2 * 1024**3
"""What the values of all parts may take in memory while a text is read."""


@dataclass(frozen=True, slots=True)
class PaintedPart:
    """The units of one part: uint8 (H, N), and what the levels of each unit stand for."""

    levels_HN: np.ndarray
    scales: Sequence[Scale]


@dataclass(frozen=True, slots=True)
class Painting:
    """A text as a model read it.

    chosen   the unit that is shown first
    parts    every part that can be shown
    bits_N   how surprising each symbol was, in bits; NaN for the first one, which nothing comes before
    guesses  the likeliest next symbols after each one, as ids of the model's vocabulary
    """

    subject: Subject
    chosen: UnitAddress
    parts: Mapping[Part, PaintedPart]
    bits_N: np.ndarray
    guesses: Guesses

    @property
    def mean_bits(self) -> float | None:
        """Surprise of all symbols but the first; None where there is no other."""
        return float(self.bits_N[1:].mean()) if len(self.bits_N) > 1 else None

    @property
    def first_guesses_right(self) -> float | None:
        """The share of symbols that were thought the likeliest before they were read."""
        came_N = self.guesses.symbols_NK[:-1, 0] == self.subject.text.symbols_N[1:]
        return float(came_N.mean()) if len(came_N) else None

    @property
    def units(self) -> int:
        """How many units all parts have together."""
        return sum(len(part.scales) for part in self.parts.values())

    def levels(self, unit: UnitAddress) -> np.ndarray:
        """uint8 (N,)"""
        return self.parts[unit.part].levels_HN[unit.unit]

    def values(self, unit: UnitAddress) -> np.ndarray:
        """What the levels stand for, float64 (N,)."""
        return self.scale(unit).values(self.levels(unit))

    def scale(self, unit: UnitAddress) -> Scale:
        return self.parts[unit.part].scales[unit.unit]


def paint(
    subject: Subject,
    chosen: UnitAddress | None = None,
    parts: Sequence[Part] = (),
    progress: Callable[[int, int], None] = lambda done, of: None,
) -> Painting:
    """Let the model read the text in its order, and keep what its units do.

    chosen  None is the most varying h of the last layer
    parts   what to keep besides the chosen unit's part; none: states and gates, but no pre-activations
    RequestError for more than memory should hold, and where a value is not finite.
    """
    wanted = list(dict.fromkeys([*(parts or shown_parts(subject.model.stack)), *([chosen.part] if chosen else [])]))
    check_size(subject, wanted)
    symbols_N = subject.text.symbols_N
    reading = read(subject.model, symbols_N, wanted, guesses=min(GUESSES, subject.spec.vocabulary), progress=progress)
    assert reading.guesses is not None
    painted = {part: painted_part(reading.values[part], part, subject.run_id) for part in wanted}
    bits_N = reading.nats_N / np.log(2, dtype=np.float32)
    return Painting(subject, chosen or most_varying(painted), painted, bits_N, reading.guesses)


def shown_parts(stack: Stack) -> list[Part]:
    """States and gates of every layer; no pre-activations, which cells call a, or a_i, a_f, ..."""
    found = named_parts(stack, ALL)
    return sorted((part for part in found if part.name.split("_")[0] != "a"), key=lambda part: part.layer)


def check_size(subject: Subject, parts: Sequence[Part]) -> None:
    """RequestError where the values of all parts would need too much memory."""
    cells = list(subject.model.stack.layers())
    units = sum(cells[part.layer].hidden_size for part in parts)
    most = MOST_BYTES // (units * np.dtype(np.float32).itemsize)
    if len(subject.text) > most:
        raise RequestError(
            f"--symbols {len(subject.text)}: {units:,} units can be kept for at most {most:,} symbols;"
            " give fewer symbols, or fewer parts as in --parts h"
        )


def painted_part(values_NH: np.ndarray, part: Part, run_id: str) -> PaintedPart:
    """RequestError where a value is not finite."""
    if not np.isfinite(values_NH).all():
        first = int((~np.isfinite(values_NH)).any(axis=1).argmax())
        raise RequestError(
            f"run {run_id}: {part.name} of layer {part.layer} is not finite from symbol {first} on: it diverged"
        )
    scales = scales_of(values_NH)
    levels_HN = np.stack([scale.levels(values_N) for scale, values_N in zip(scales, values_NH.T, strict=True)])
    return PaintedPart(levels_HN, scales)


def most_varying(parts: Mapping[Part, PaintedPart]) -> UnitAddress:
    """The unit of the last layer's first part, which is its h where that is kept, that varies most along the text."""
    last = max(part.layer for part in parts)
    part = next(part for part in parts if part.layer == last)
    return UnitAddress(*part, int(spread(parts[part]).argmax()))


def spread(part: PaintedPart) -> np.ndarray:
    """How much each unit varies: the standard deviation of its levels, (H,)."""
    return part.levels_HN.std(axis=1, dtype=np.float32)
