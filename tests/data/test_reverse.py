"""Words and their reverse: what stands where, in items of any length."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from rnnlab.data.contents import Sequences
from rnnlab.data.reverse import Reverse
from rnnlab.errors import RequestError


def test_targets_are_the_letters_from_the_last_to_the_first(drawn: Callable[..., Sequences]) -> None:
    items = drawn("reverse", count=200, length=9, min_length=1, kinds=5)
    dataset = Reverse(Reverse.Config(name="reverse", length=9, min_length=1, kinds=5))
    assert dataset.symbols == tuple("abcde") and dataset.target_symbols == ("", *"abcde")
    for row, labels, length in zip(items.inputs, items.labels, items.lengths, strict=True):
        word = "".join(dataset.symbols[place] for place in row[:length])
        written = "".join(dataset.target_symbols[place] for place in labels[:length])
        assert written == word[::-1]
        assert labels[length] == 0 and (labels[length + 1 :] == -1).all() and not row[length:].any()
    assert set(items.lengths.tolist()) == set(range(1, 10))


def test_the_diagonal_is_what_lies_on_the_letter_that_is_written() -> None:
    dataset = Reverse(Reverse.Config(name="reverse"))
    right = np.array([[0.1, 0.2, 0.7], [0.0, 1.0, 0.0], [0.5, 0.5, 0.0], [1.0, 0.0, 0.0]])
    short = np.array([[0.25, 0.75]])
    assert dataset.judge("val", [["a", "b", "c"], []], [right, short]) == {"diagonal": (0.7 + 1.0 + 0.5 + 0.75, 4)}
    assert dataset.judge("val", [["a"]], None) == {}


def test_letters_are_uniform_and_independent(drawn: Callable[..., Sequences]) -> None:
    items = drawn("reverse", count=20_000, length=6, min_length=6, kinds=4)
    counts = np.bincount(items.inputs[:, 0] * 4 + items.inputs[:, 1], minlength=16)
    assert (abs(counts / 20_000 - 1 / 16) < 0.01).all()


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"kinds": 1}, "data.kinds = 1: it must be from 2 to 26"),
        ({"length": 3}, "data.min_length = 6: it must be from 1 to data.length = 3"),
        ({"length": 0}, "data.length = 0: it must be at least 1"),
    ],
)
def test_what_cannot_be_drawn_is_refused(settings: dict[str, int], line: str) -> None:
    with pytest.raises(RequestError, match=f"^{line}$"):
        Reverse.Config(name="reverse", **settings)
