"""The copying problem against a solver that reads a row from left to right, with a queue."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.contents import Sequences
from rnnlab.data.copy import Copy

SYMBOLS = Copy.symbols
BLANK = SYMBOLS.index("_")


def solved(row: list[str]) -> tuple[list[int], list[int]]:
    """Answers and lags of one row of valid steps: what is heard before the delimiter is said after it."""
    answers, lags, heard, saying = [], [], [], False
    for t, symbol in enumerate(row):
        if saying:
            t0, kind = heard.pop(0)
            answers.append(kind)
            lags.append(t - t0)
        else:
            answers.append(BLANK)
            lags.append(0)
        if symbol not in "_:":
            heard.append((t, SYMBOLS.index(symbol)))
        saying = saying or symbol == ":"
    assert not heard, "something was never asked for"
    return answers, lags


@given(delay=st.integers(1, 30), variable=st.booleans(), seed=st.integers(0, 2**32 - 1))
def test_what_was_read_is_asked(drawn: Callable[..., Sequences], delay: int, variable: bool, seed: int) -> None:
    items = drawn("copy", seed=seed, delay=delay, variable=variable)
    assert items.lags is not None and (items.lengths is not None) is variable
    lengths = items.lengths if items.lengths is not None else np.full(len(items.labels), delay + 20)
    for row, labels, lags, length in zip(items.inputs, items.labels, items.lags, lengths, strict=True):
        answers, back = solved([SYMBOLS[i] for i in row[:length]])
        assert labels[:length].tolist() == answers and (labels[length:] == -1).all()
        assert lags[:length].tolist() == back and (lags[length:] == -1).all()
        assert (row == SYMBOLS.index(":")).sum() == 1


def test_a_fixed_delay_has_the_published_layout(drawn: Callable[..., Sequences]) -> None:
    items = drawn("copy", delay=7)
    assert items.inputs.shape == (20, 27) and (items.inputs[:, :10] < 8).all()
    written = ["".join(SYMBOLS[i] for i in row[10:]) for row in items.inputs]
    assert set(written) == {"______:__________"}


def test_variable_delays_are_uniform(drawn: Callable[..., Sequences]) -> None:
    lengths = drawn("copy", count=8000, delay=4, variable=True).lengths
    assert lengths is not None
    assert np.abs(np.bincount(lengths - 20)[1:] / 8000 - 1 / 4).max() < 0.02


@pytest.mark.parametrize("delay", [10, 100])
def test_without_memory_the_symbols_are_guessed(delay: int, loss_without_memory: Callable[..., float]) -> None:
    assert loss_without_memory("copy", delay=delay) == pytest.approx(10 * math.log(8) / (delay + 20), rel=2e-3)


def test_of_a_variable_delay_the_step_says_less(loss_without_memory: Callable[..., float]) -> None:
    """Exactly: at step 10 + d the answer is a blank in the rows that wait longer, else one of 8."""
    delay, nats, asked = 6, 0.0, 0.0
    delays = range(1, delay + 1)
    for t in range(delay + 20):
        blank = sum(t < d + 10 for d in delays) / delay
        symbol = sum(d + 10 <= t < d + 20 for d in delays) / delay
        present = blank + symbol
        nats -= sum(p * math.log(p / present / kinds) for p, kinds in ((blank, 1), (symbol, 8)) if p)
        asked += present
    assert loss_without_memory("copy", delay=delay, variable=True, held_out=20_000) == pytest.approx(
        nats / asked, rel=3e-3
    )
