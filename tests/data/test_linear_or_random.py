"""Rows that grow by a thousandth, and rows that do not."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import registry
from rnnlab.data.contents import Sequences
from rnnlab.data.linear_or_random import LINEAR, STEP
from rnnlab.errors import RequestError


@given(seed=st.integers(0, 99), shortest=st.integers(2, 6), more=st.integers(0, 20))
def test_a_row_is_what_its_class_says(drawn: Callable[..., Sequences], seed: int, shortest: int, more: int) -> None:
    items = drawn("linear_or_random", seed=seed, count=40, min_length=shortest, max_length=shortest + more)
    assert items.lengths is not None and items.shortened
    assert items.lengths.min() >= shortest and items.lengths.max() <= shortest + more
    for row, label, length in zip(items.inputs[:, :, 0], items.labels, items.lengths, strict=True):
        assert (row[length:] == 0).all() and (row[:length] >= 0).all() and (row[:length] < 1).all()
        even = np.allclose(np.diff(row[:length]), STEP, atol=1e-6)
        assert even == (label == LINEAR)


def test_both_classes_and_all_lengths_are_there(drawn: Callable[..., Sequences]) -> None:
    items = drawn("linear_or_random", count=2000)
    assert abs(items.labels.mean() - 0.5) < 0.05
    assert items.lengths is not None and set(items.lengths) == set(range(3, 21))


def test_lengths_that_cannot_be_are_refused() -> None:
    kind = registry.component("data", "linear_or_random")
    with pytest.raises(RequestError, match=r"data.max_length = 2: it must be from data.min_length = 3"):
        kind.Config(max_length=2)
    with pytest.raises(RequestError, match=r"data.min_length = 1: it must be at least 2"):
        kind.Config(min_length=1)
