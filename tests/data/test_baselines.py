from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.adding import Adding
from rnnlab.data.baselines import baselines, witten_bell
from rnnlab.data.copy import Copy
from rnnlab.data.digits import Digits
from rnnlab.data.hello import Hello
from rnnlab.data.text import Text

VOCABULARY = 4
texts = st.lists(st.integers(0, VOCABULARY - 1), min_size=2, max_size=60)


def naive(train: list[int], context: list[int], symbol: int, order: int) -> float:
    """The formula, one number at a time: P of ``symbol`` after the last ``order - 1`` of ``context``."""
    if order == 0:
        return 1 / VOCABULARY
    below = naive(train, context, symbol, order - 1)
    length = order - 1
    if length > len(context):
        return below
    h = context[len(context) - length :]
    after = [train[i + length] for i in range(len(train) - length) if train[i : i + length] == h]
    if not after:
        return below
    kinds = len(set(after))
    return (after.count(symbol) + kinds * below) / (len(after) + kinds)


@given(texts, texts)
def test_equals_the_formula(train: list[int], val: list[int]) -> None:
    orders = witten_bell(np.array(train, dtype=np.uint8), np.array(val, dtype=np.uint8), VOCABULARY, 5)
    for order, probabilities in enumerate(orders, start=1):
        expected = [naive(train, val[:i], val[i], order) for i in range(1, len(val))]
        np.testing.assert_allclose(probabilities, expected, rtol=1e-12)


@given(texts, texts)
def test_probabilities_sum_to_one(train: list[int], context: list[int]) -> None:
    ends = [witten_bell(np.array(train), np.array([*context, symbol]), VOCABULARY, 5) for symbol in range(VOCABULARY)]
    for order in range(5):
        assert sum(float(end[order][-1]) for end in ends) == pytest.approx(1, abs=1e-12)


def test_many_symbols_do_not_overflow() -> None:
    train = np.random.default_rng(0).integers(0, 60_000, 3000).astype(np.uint16)
    orders = witten_bell(train, train, 60_000, 5)
    assert (orders[4] > orders[0]).all() and (orders[4] > 0.5).all()


def test_what_repeats_is_learned(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.txt").write_text("abcd" * 500)
    found = baselines(Text(Text.Config(name="text", path=str(tmp_path / "a.txt"))))
    assert list(found) == ["uniform", "1-gram", "2-gram", "3-gram", "4-gram", "5-gram"]
    assert found["uniform"] == pytest.approx(math.log(4))
    assert found["1-gram"] == pytest.approx(math.log(4), abs=0.01)
    assert found["5-gram"] < found["2-gram"] < 0.01


def test_kept_by_fingerprint(cache: Path) -> None:
    first = baselines(Hello(Hello.Config()))
    (kept,) = (cache / "baselines").iterdir()
    before = kept.stat().st_mtime_ns
    assert baselines(Hello(Hello.Config())) == first
    assert kept.stat().st_mtime_ns == before


def test_labels_have_the_uniform_guess_and_their_own_frequencies(cache: Path) -> None:
    found = baselines(Digits(Digits.Config()))
    assert found == {"uniform": math.log(10), "memoryless": pytest.approx(math.log(10), abs=0.01)}
    steps = Copy(Copy.Config(name="copy", delay=30, examples=4000))
    assert baselines(steps) == {"uniform": math.log(9), "memoryless": pytest.approx(steps.memoryless())}


def test_numbers_have_no_uniform_guess(cache: Path) -> None:
    dataset = Adding(Adding.Config(name="adding", length=10, examples=4000))
    assert baselines(dataset) == {"memoryless": dataset.memoryless()}


def test_a_stream_has_nothing_new(cache: Path) -> None:
    assert Hello(Hello.Config()).memoryless() is None
    assert list(baselines(Hello(Hello.Config())))[:2] == ["uniform", "1-gram"]
