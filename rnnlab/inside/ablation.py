"""Whether the network uses what a unit tells: the unit is held still, and the loss is compared, symbol by symbol.

The network reads the same text twice, once as it is and once with the units clamped at every step, so that all that
would have followed from them is gone too. The difference of the two losses is taken at each symbol (paired), and its
mean over the symbols that are predicted while a feature is true (*inside*) and while it is not (*outside*). A unit
that carries the feature costs inside what it does not cost outside.

Any unit costs something. So the same is done with random units of the same layers and parts, as many at once.

Intervals are over blocks of the text, drawn again (``rnnlab.statistics.block_interval``).

Shapes: N symbols, B blocks.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnnlab.errors import RequestError
from rnnlab.inside.activations import collect, rows_for
from rnnlab.inside.finding.halves import BLOCKS, LEAST, LONGEST_BLOCK
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.finding.scoring import draws
from rnnlab.inside.finding.showing import above_mean
from rnnlab.inside.reading import read
from rnnlab.inside.units import UnitAddress
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.models.trace import TraceEdit
from rnnlab.statistics import Interval, block_interval

Clamps = Mapping[UnitAddress, float]
"""The units that are held still, and where."""


def clamping(clamps: Clamps) -> TraceEdit:
    """The edit that holds units at their values, in all rows and at all steps."""
    held: dict[tuple[int, str], tuple[list[int], list[float]]] = {}
    for unit, value in clamps.items():
        units, values = held.setdefault(unit.part, ([], []))
        units.append(unit.unit)
        values.append(value)
    columns = {part: (torch.tensor(units), torch.tensor(values)) for part, (units, values) in held.items()}

    def edit(layer: int, t: int, name: str, value: Tensor) -> Tensor:
        if (layer, name) not in columns:
            return value
        units, values = columns[layer, name]
        return value.index_copy(1, units, values.to(value.dtype).expand(len(value), -1))

    return edit


def nats(
    model: LanguageModel, symbols_N: np.ndarray, clamps: Clamps, progress: Any = lambda done, of: None
) -> np.ndarray:
    """How surprising each symbol is to a network whose units are held so: float32 (N,), NaN for the first."""
    edit = clamping(clamps) if clamps else None
    return read(model, symbols_N, [], rows=rows_for(len(symbols_N)), edit=edit, progress=progress).nats_N


def means(model: LanguageModel, symbols_N: np.ndarray, units: Sequence[UnitAddress]) -> dict[UnitAddress, float]:
    """The mean of each unit over the text."""
    parts = list(dict.fromkeys(unit.part for unit in units))
    activations = collect(model, symbols_N, parts)
    return {unit: float(activations.of(unit).mean(dtype=np.float64)) for unit in units}


def random_units(units: Sequence[UnitAddress], stack: Stack, generator: np.random.Generator) -> list[UnitAddress]:
    """As many other units of the same layers and parts. RequestError where a layer has not so many."""
    cells, drawn = list(stack.layers()), []
    for layer, name in dict.fromkeys(unit.part for unit in units):
        own = {unit.unit for unit in units if unit.part == (layer, name)}
        others = [unit for unit in range(cells[layer].hidden_size) if unit not in own]
        if len(others) < len(own):
            raise RequestError(
                f"--cell: {len(own)} of the {cells[layer].hidden_size} units of layer {layer} are clamped; there are"
                " not as many others to compare with: give fewer, or --controls 0"
            )
        drawn += [UnitAddress(layer, name, int(unit)) for unit in generator.choice(others, len(own), replace=False)]
    return drawn


@dataclass(frozen=True, slots=True)
class Effect:
    """What clamping does to the loss, in nats per symbol, where a feature is true and where it is not.

    share       of the symbols that are predicted inside
    plain       the loss inside and outside, with nothing clamped
    inside, outside, difference   how much it rises, and by how much more inside
    controls    the rise inside and outside for each set of random units
    """

    label: Labelled
    share: float
    plain: tuple[float, float]
    inside: Interval
    outside: Interval
    difference: Interval
    controls: Sequence[tuple[float, float]]

    def row(self) -> dict[str, Any]:
        """All of it as plain values, for tables and JSON."""
        found: dict[str, Any] = {
            "feature": self.label.name, "about": self.label.about, "share": self.share,
            "loss_inside": self.plain[0], "loss_outside": self.plain[1],
        }  # fmt: skip
        for name, interval in (("inside", self.inside), ("outside", self.outside), ("difference", self.difference)):
            found |= {name: interval.estimate, f"{name}_low": interval.low, f"{name}_high": interval.high}
            found[f"{name}_bits"] = interval.estimate / math.log(2)
        found["controls"] = [{"inside": inside, "outside": outside} for inside, outside in self.controls]
        return found


def effect(
    label: Labelled, plain_N: np.ndarray, clamped_N: np.ndarray, controls: Sequence[np.ndarray], seed: int = 0
) -> Effect:
    """What clamping does inside and outside one feature; all arrays nats (N,), of the same text.

    A symbol counts as inside where the feature was true after the symbol before it: that is when it was predicted.
    A number counts from its mean on. RequestError where either side is empty.
    """
    inside_N = above_mean(label)[:-1]
    outside_N = label.asked_N[:-1] & ~inside_N
    if not inside_N.any() or not outside_N.any():
        raise RequestError(f"feature {label.name}: this text has no symbol {'outside' if inside_N.any() else 'inside'}")
    change_N = (clamped_N - plain_N)[1:].astype(np.float64)
    sides = (inside_N, outside_N)
    return Effect(
        label=label,
        share=float(inside_N.mean()),
        plain=(mean_at(plain_N[1:], inside_N), mean_at(plain_N[1:], outside_N)),
        inside=interval_at(change_N, inside_N, seed),
        outside=interval_at(change_N, outside_N, seed),
        difference=difference_interval(change_N, inside_N, outside_N, seed),
        controls=[tuple(mean_at((each - plain_N)[1:], side) for side in sides) for each in controls],  # type: ignore[misc]
    )


def mean_at(values_N: np.ndarray, at_N: np.ndarray) -> float:
    return float(values_N[at_N].mean(dtype=np.float64))


def block_sums(values_N: np.ndarray, at_N: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The sum and the count of what is asked for in each block of the text: (B,) and (B,)."""
    block_N = np.arange(len(values_N)) // block_length(len(values_N))
    B = int(block_N[-1]) + 1
    return np.bincount(block_N, np.where(at_N, values_N, 0), B), np.bincount(block_N, at_N, B)


def block_length(symbols: int) -> int:
    """Blocks are as long as when units are looked for. RequestError for a text too short to have some."""
    if symbols + 1 < LEAST:
        raise RequestError(f"the text has {symbols + 1:,} characters; an interval needs at least {LEAST:,}")
    return min(LONGEST_BLOCK, symbols // BLOCKS)


def interval_at(values_N: np.ndarray, at_N: np.ndarray, seed: int) -> Interval:
    """The mean over some symbols and its 95 % interval over those blocks that have any."""
    sums_B, counts_B = block_sums(values_N, at_N)
    there = counts_B > 0
    return block_interval(sums_B[there].tolist(), counts_B[there].tolist(), seed=seed)


def difference_interval(values_N: np.ndarray, inside_N: np.ndarray, outside_N: np.ndarray, seed: int) -> Interval:
    """By how much the mean is larger inside, and its 95 % interval: the same blocks are drawn for both."""
    sums = np.stack([each for at_N in (inside_N, outside_N) for each in block_sums(values_N, at_N)])
    B = sums.shape[1]
    resampled = draws(B, seed) @ sums.T
    resampled = resampled[(resampled[:, 1] > 0) & (resampled[:, 3] > 0)]
    low, high = np.quantile(difference(resampled), [0.025, 0.975])
    return Interval(float(difference(sums.sum(axis=1)[None])[0]), float(low), float(high), B)


def difference(sums: np.ndarray) -> np.ndarray:
    """Of rows (sum inside, count inside, sum outside, count outside)."""
    return sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3]
