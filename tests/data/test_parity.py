"""Parity against counting."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.contents import Sequences
from rnnlab.data.parity import Asked


@given(length=st.integers(1, 40), asked=st.sampled_from(Asked), seed=st.integers(0, 2**32 - 1))
def test_odd_or_even(drawn: Callable[..., Sequences], length: int, asked: Asked, seed: int) -> None:
    items = drawn("parity", seed=seed, length=length, asked=asked)
    assert items.lags is not None and items.lengths is None
    for bits, labels, lags in zip(items.inputs.tolist(), items.labels, items.lags, strict=True):
        for t in range(length):
            wanted = asked is Asked.every or t == length - 1
            assert labels[t] == (bits[: t + 1].count(1) % 2 if wanted else -1)
            assert lags[t] == (t if wanted else -1), "the first bit is needed, t steps back"


@pytest.mark.parametrize("asked", Asked)
def test_without_memory_it_is_a_coin(asked: Asked, loss_without_memory: Callable[..., float]) -> None:
    found = loss_without_memory("parity", length=20, asked=asked, held_out=5000)
    assert found == pytest.approx(math.log(2), abs=2e-3)
