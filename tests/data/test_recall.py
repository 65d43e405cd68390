"""Associative recall against a dictionary."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.contents import Sequences
from rnnlab.data.recall import distinct


@given(kinds=st.integers(2, 26), pairs=st.integers(1, 26), more=st.integers(0, 30), seed=st.integers(0, 2**32 - 1))
def test_each_key_is_asked_once_for_its_value(
    drawn: Callable[..., Sequences], kinds: int, pairs: int, more: int, seed: int
) -> None:
    pairs = min(pairs, kinds)
    items = drawn("recall", seed=seed, length=3 * pairs + more, pairs=pairs, kinds=kinds)
    assert items.lags is not None and items.lengths is None
    for row, labels, lags in zip(items.inputs.tolist(), items.labels, items.lags, strict=True):
        held = {row[2 * i]: (2 * i + 1, row[2 * i + 1] - kinds) for i in range(pairs)}
        assert len(held) == pairs and all(0 <= value < kinds for _, value in held.values())
        for t, symbol in enumerate(row):
            if t < 2 * pairs or symbol == 2 * kinds:
                assert labels[t] == lags[t] == -1
            else:
                stood, value = held.pop(symbol)
                assert (labels[t], lags[t]) == (value, t - stood)
        assert not held


@given(chosen=st.integers(1, 8), more=st.integers(0, 8), seed=st.integers(0, 2**32 - 1))
def test_distinct_numbers(chosen: int, more: int, seed: int) -> None:
    found = distinct(np.random.default_rng(seed), 30, chosen, chosen + more)
    assert all(len(set(row)) == chosen and set(row) <= set(range(chosen + more)) for row in found.tolist())


def test_every_number_stands_everywhere_equally_often() -> None:
    found = distinct(np.random.default_rng(0), 20_000, 3, 5)
    shares = np.stack([(found == number).mean(axis=0) for number in range(5)])
    assert np.abs(shares - 1 / 5).max() < 0.015


def test_without_memory_the_value_is_guessed(loss_without_memory: Callable[..., float]) -> None:
    assert loss_without_memory("recall", length=16, kinds=6) == pytest.approx(math.log(6), abs=5e-3)
