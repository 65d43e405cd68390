"""Numbers inside a page: as few letters as a browser's own inflater can make numbers of again."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator

import numpy as np

from rnnlab.inside.painting.levels import Painting, spread
from rnnlab.inside.reading import Part
from rnnlab.inside.units import UnitAddress

OVERVIEW_BINS = 256
OVERVIEW_BYTES = 2**21
"""Of all overviews of a page, before they are packed."""
FEWEST_BINS = 16
AROUND = 128
"""Letters of the element that holds a unit's numbers."""


def packed(numbers: np.ndarray) -> str:
    """Base64 of the deflated bytes, low byte first: what ``DecompressionStream("deflate")`` reads."""
    little = numbers.astype(numbers.dtype.newbyteorder("<"), copy=False)
    return base64.b64encode(zlib.compress(np.ascontiguousarray(little).tobytes(), 9)).decode()


def packed_units(painting: Painting, room: int) -> dict[UnitAddress, str]:
    """The levels of as many units as fit into ``room`` letters, the first of ``in_turn`` first; at least the chosen."""
    found: dict[UnitAddress, str] = {}
    for unit in in_turn(painting):
        letters = packed(painting.levels(unit))
        room -= len(letters) + AROUND
        if room < 0 and found:
            break
        found[unit] = letters
    return found


def in_turn(painting: Painting) -> Iterator[UnitAddress]:
    """All units: the chosen one, the same in its layer's other parts, then its part, then all others, the most
    varying first."""
    chosen = painting.chosen
    near = [part for part in painting.parts if part.layer == chosen.layer]
    same = [UnitAddress(*part, chosen.unit) for part in sorted(near, key=lambda part: part != chosen.part)]
    rest = [part for part in painting.parts if part != chosen.part]
    return iter(dict.fromkeys([*same, *varying(painting, [chosen.part]), *varying(painting, rest)]))


def varying(painting: Painting, parts: list[Part]) -> list[UnitAddress]:
    """The units of these parts, the most varying first."""
    how_much = {
        UnitAddress(*part, unit): much
        for part in parts
        for unit, much in enumerate(spread(painting.parts[part]).tolist())
    }
    return sorted(how_much, key=lambda unit: -how_much[unit])


def bins_of(painting: Painting) -> int:
    """How many stretches of the text an overview tells apart."""
    fitting = max(FEWEST_BINS, OVERVIEW_BYTES // painting.units)
    return min(OVERVIEW_BINS, fitting, len(painting.subject.text))


def overview(levels_HN: np.ndarray, bins: int) -> np.ndarray:
    """Each unit's mean in each stretch of the text, uint8 (bins, H).

    127.5 stands for the unit's mean over all stretches, 0 and 255 for as far from it as any of them lies.
    """
    H, N = levels_HN.shape
    starts = np.arange(bins) * N // bins
    sums_HK = np.add.reduceat(levels_HN, starts, axis=1, dtype=np.float64)
    means_HK = sums_HK / np.diff(np.append(starts, N))
    away_HK = means_HK - means_HK.mean(axis=1, keepdims=True)
    most_H1 = np.abs(away_HK).max(axis=1, keepdims=True)
    share_HK = np.divide(away_HK, most_H1, out=np.zeros((H, bins)), where=most_H1 > 0)
    return np.rint(127.5 + 127.5 * share_HK).astype(np.uint8).T
