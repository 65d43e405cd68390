"""Nested brackets against a stack machine."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.contents import Sequences


@given(half=st.integers(1, 25), kinds=st.integers(2, 26), depth=st.integers(1, 9), seed=st.integers(0, 2**32 - 1))
def test_each_closing_bracket_closes_the_last_that_is_open(
    drawn: Callable[..., Sequences], half: int, kinds: int, depth: int, seed: int
) -> None:
    items = drawn("dyck", seed=seed, length=2 * half, kinds=kinds, depth=depth)
    assert items.lags is not None and items.lengths is None
    for row, labels, lags in zip(items.inputs, items.labels, items.lags, strict=True):
        stack: list[tuple[int, int]] = []
        for t, symbol in enumerate(row.tolist()):
            if symbol < kinds:
                stack.append((t, symbol))
                assert labels[t] == lags[t] == -1
            else:
                opened, kind = stack.pop()
                assert (labels[t], lags[t]) == (kind, t - opened)
            assert len(stack) <= depth
        assert not stack


def test_types_and_turns_are_fair(drawn: Callable[..., Sequences]) -> None:
    items = drawn("dyck", count=4000, length=40, kinds=4, depth=50)
    opened = items.inputs[items.inputs < 4]
    assert np.abs(np.bincount(opened) / len(opened) - 1 / 4).max() < 0.01
    second = items.inputs[:, 1]
    assert (second == 4).mean() == pytest.approx(1 / 2, abs=0.03)


def test_brackets_reach_back_to_all_the_lags_there_are(drawn: Callable[..., Sequences]) -> None:
    lags = drawn("dyck", count=4000, length=20).lags
    assert lags is not None and set(np.unique(lags)) == {-1, *range(1, 20, 2)}


def test_without_memory_the_type_is_guessed(loss_without_memory: Callable[..., float]) -> None:
    assert loss_without_memory("dyck", length=20, kinds=5) == pytest.approx(math.log(5), abs=3e-3)
