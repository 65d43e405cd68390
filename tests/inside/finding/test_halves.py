"""Halves: blocks in turn, gaps between them, and parts of a text that are cut the same way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.errors import RequestError
from rnnlab.inside.finding.halves import GAP, LEAST, LONGEST_BLOCK, Halves, spread


@given(st.integers(LEAST, 300_000))
def test_no_two_characters_of_different_halves_are_near(characters: int) -> None:
    halves = Halves.of(characters)
    both = np.concatenate([halves.choosing, halves.scoring])
    side = np.repeat([0, 1], [len(halves.choosing), len(halves.scoring)])
    order = both.argsort()
    assert len(np.unique(both)) == len(both) and both.max() < characters
    changes = np.flatnonzero(np.diff(side[order]))
    assert (np.diff(both[order])[changes] > halves.block // GAP).all()
    assert halves.block <= LONGEST_BLOCK and len(changes) >= 38
    assert abs(len(halves.choosing) - len(halves.scoring)) <= halves.block


def test_a_short_text_has_no_halves() -> None:
    with pytest.raises(RequestError, match="3,999 characters"):
        Halves.of(LEAST - 1)


@given(characters=st.integers(LEAST, 200_000), wanted=st.integers(1, 250_000))
def test_a_part_is_whole_pairs_of_blocks(characters: int, wanted: int) -> None:
    block = Halves.of(characters).block
    places = spread(characters, block, wanted)
    assert len(np.unique(places)) == len(places) and places.max() < characters
    assert min(wanted, characters // (2 * block) * 2 * block) <= len(places) < wanted + 2 * block
    number = (places // block).reshape(-1, block)
    assert (number == number[:, :1]).all() and (number[:, 0] % 2 == np.arange(len(number)) % 2).all()
