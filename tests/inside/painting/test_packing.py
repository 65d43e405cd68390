"""Packed numbers come back as they were; the most telling units come first; an overview is a mean."""

from __future__ import annotations

import base64
import zlib

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rnnlab.inside.painting.levels import Painting, paint
from rnnlab.inside.painting.packing import AROUND, in_turn, overview, packed, packed_units
from rnnlab.inside.reading import Part
from rnnlab.inside.units import UnitAddress
from tests.inside.made_up import subject_of


def unpacked(letters: str) -> bytes:
    return zlib.decompress(base64.b64decode(letters))


def two_layers() -> Painting:
    subject = subject_of("to be or not to be, that is the question\n" * 5, "stack.depth=2")
    return paint(subject, UnitAddress(1, "c", 2))


@given(arrays(st.sampled_from([np.uint8, np.uint16]), st.integers(0, 50)))
def test_numbers_come_back(numbers: np.ndarray) -> None:
    back = np.frombuffer(unpacked(packed(numbers)), dtype=numbers.dtype.newbyteorder("<"))
    np.testing.assert_array_equal(back, numbers)


def test_the_chosen_unit_is_first_then_its_other_parts_then_what_varies_most() -> None:
    painting = two_layers()
    units = list(in_turn(painting))
    assert len(units) == len(set(units)) == painting.units == 2 * 6 * 6
    assert units[0] == UnitAddress(1, "c", 2)
    assert {unit.name for unit in units[:6]} == {"h", "c", "i", "f", "o", "g"}
    assert all((unit.layer, unit.unit) == (1, 2) for unit in units[:6])
    assert all(unit.part == Part(1, "c") for unit in units[6:11])
    for some in (units[6:11], units[11:]):
        spreads = [painting.levels(unit).astype(float).std() for unit in some]
        np.testing.assert_allclose(spreads, sorted(spreads, reverse=True), rtol=1e-5)


def test_no_more_units_than_there_is_room_for() -> None:
    painting = two_layers()
    sizes = [len(packed(painting.levels(unit))) + AROUND for unit in in_turn(painting)]
    first = list(in_turn(painting))
    assert list(packed_units(painting, sum(sizes[:9]))) == first[:9]
    assert list(packed_units(painting, sum(sizes[:9]) - 1)) == first[:8]
    assert list(packed_units(painting, 0)) == first[:1]


@given(arrays(np.uint8, st.tuples(st.integers(1, 3), st.integers(1, 30))), st.integers(1, 8))
def test_an_overview_is_the_mean_of_each_stretch(levels_HN: np.ndarray, bins: int) -> None:
    H, N = levels_HN.shape
    bins = min(bins, N)
    found = overview(levels_HN, bins)
    for h in range(H):
        edges = [k * N // bins for k in range(bins + 1)]
        means = np.array([levels_HN[h, a:b].mean() for a, b in zip(edges, edges[1:], strict=False)])
        away = means - means.mean()
        most = max(abs(away).max(), 1e-12)
        wanted = 127.5 + 127.5 * (away / most if most > 1e-9 else 0 * away)
        np.testing.assert_allclose(found[:, h], wanted, atol=0.5001)
