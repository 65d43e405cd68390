"""The adding problem against a row-by-row solver that reads the markers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.contents import Sequences


@given(length=st.integers(2, 40), seed=st.integers(0, 2**32 - 1))
def test_the_marked_numbers_add_up(drawn: Callable[..., Sequences], length: int, seed: int) -> None:
    items = drawn("adding", seed=seed, length=length)
    assert items.lengths is None and items.lags is not None
    for row, label, lag in zip(items.inputs, items.labels, items.lags, strict=True):
        marked = [t for t in range(length) if row[t, 1] == 1]
        assert len(marked) == 2 and set(row[:, 1]) <= {0, 1}
        assert marked[0] < length // 2 <= marked[1]
        assert label == row[marked[0], 0] + row[marked[1], 0]
        assert marked[0] + lag == length - 1


def test_numbers_and_places_are_uniform(drawn: Callable[..., Sequences]) -> None:
    items = drawn("adding", count=20_000, length=10)
    values = items.inputs[..., 0]
    assert values.min() >= 0 and values.max() < 1
    assert values.mean() == pytest.approx(1 / 2, abs=0.003) and values.var() == pytest.approx(1 / 12, abs=0.001)
    shares = items.inputs[..., 1].mean(axis=0)
    assert np.abs(shares - 1 / 5).max() < 0.015


def test_the_mean_gives_a_sixth(loss_without_memory: Callable[..., float]) -> None:
    assert loss_without_memory("adding", length=20, held_out=20_000) == pytest.approx(2 / 12, abs=0.004)
