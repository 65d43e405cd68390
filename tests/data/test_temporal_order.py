"""Temporal order against a solver that looks for an X or a Y, wherever it is."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.contents import Sequences

PLACES = {2: ((0.1, 0.2), (0.5, 0.6)), 3: ((0.1, 0.2), (0.3, 0.4), (0.6, 0.7))}


@given(
    symbols=st.sampled_from([2, 3]),
    least=st.none() | st.integers(10, 45),
    more=st.integers(0, 40),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_class_is_the_order(
    drawn: Callable[..., Sequences], symbols: int, least: int | None, more: int, seed: int
) -> None:
    length = (least or 10) + more
    items = drawn("temporal_order", seed=seed, length=length, min_length=least, symbols=symbols)
    lengths = np.full(len(items.labels), length) if items.lengths is None else items.lengths
    assert items.lags is not None and (items.lengths is None) is (least is None)
    for row, label, lag, steps in zip(items.inputs, items.labels, items.lags, lengths, strict=True):
        assert (least or length) <= steps <= length
        found = [(t, "XY"[row[t]]) for t in range(steps) if row[t] < 2]
        assert len(found) == symbols
        for (t, _), (start, stop) in zip(found, PLACES[symbols], strict=True):
            assert math.floor(start * steps + 1e-9) <= t < stop * steps + 1e-9
        assert label == sum(2**number for number, (_, letter) in enumerate(found) if letter == "Y")
        assert found[0][0] + lag == steps - 1


@pytest.mark.parametrize(("symbols", "classes"), [(2, 4), (3, 8)])
def test_without_memory_nothing_is_known(symbols: int, classes: int, loss_without_memory: Callable[..., float]) -> None:
    settings = {"length": 30, "symbols": symbols, "held_out": 5000}
    assert loss_without_memory("temporal_order", **settings) == pytest.approx(math.log(classes), abs=2e-3)


def test_distractors_are_uniform(drawn: Callable[..., Sequences]) -> None:
    counts = np.bincount(drawn("temporal_order", count=2000, length=30).inputs.flatten(), minlength=6)
    assert counts[:2].sum() == 2 * 2000
    assert np.abs(counts[2:] / counts[2:].sum() - 1 / 4).max() < 0.01
