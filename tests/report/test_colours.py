"""Colours: as many as asked for, none twice."""

from __future__ import annotations

import pytest

from rnnlab.report.colours import BEST, DISTINCT, WORST, by_rank, ink_on


@pytest.mark.parametrize("count", [0, 1, 6, 7, 50])
def test_a_colour_for_each_rank(count: int) -> None:
    colours = by_rank(count)
    assert len(set(colours)) == count
    assert all(len(colour) == 7 for colour in colours)


def test_many_go_from_best_to_worst() -> None:
    colours = by_rank(11)
    assert (colours[0], colours[-1]) == (BEST, WORST)


def test_ink_that_can_be_read() -> None:
    assert ink_on("#000000") == "white" and ink_on("#ffffff") == "black"
    assert [ink_on(colour) for colour in DISTINCT] == ["white", "black", "black", "black", "black", "black"]
