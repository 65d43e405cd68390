"""Random rows with random labels: nothing in the bits tells the label."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.contents import Sequences
from rnnlab.data.random_labels import RandomLabels


@given(length=st.integers(1, 62), wanted=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_no_two_rows_are_equal(drawn: Callable[..., Sequences], length: int, wanted: int, seed: int) -> None:
    count = min(wanted, 2**length)
    items = drawn("random_labels", seed=seed, count=count, length=length, examples=count, held_out=1)
    assert items.inputs.shape == (count, length) and set(np.unique(items.inputs)) <= {0, 1}
    assert len({row.tobytes() for row in items.inputs}) == count


def test_bits_and_labels_are_fair_and_tell_nothing_of_each_other(drawn: Callable[..., Sequences]) -> None:
    items = drawn("random_labels", count=20_000, length=20)
    assert np.abs(items.inputs.mean(axis=0) - 1 / 2).max() < 0.015
    assert items.labels.mean() == pytest.approx(1 / 2, abs=0.015)
    together = [(items.inputs[:, bit] == items.labels).mean() for bit in range(20)]
    assert np.abs(np.array(together) - 1 / 2).max() < 0.015


def test_what_is_validated_is_what_was_learned() -> None:
    dataset = RandomLabels(RandomLabels.Config(name="random_labels", examples=300, held_out=50))
    assert dataset.prepare().sizes == {"train": 300, "val": 300, "test": 50}
    assert dataset.split("val") is dataset.split("train")
    assert dataset.memoryless() == pytest.approx(math.log(2), abs=0.01)
