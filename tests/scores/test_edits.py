"""Edit distance against the plain recursion, one pair and many pairs at once."""

from __future__ import annotations

from functools import cache

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.scores.edits import edit_distance, edit_distances

WORDS = st.lists(st.integers(0, 3), max_size=7).map(tuple)


@cache
def by_recursion(one: tuple[int, ...], other: tuple[int, ...]) -> int:
    """The definition: the last symbols are left alone or replaced, or one of them is an edit of its own."""
    if not one or not other:
        return len(one) + len(other)
    replaced = by_recursion(one[:-1], other[:-1]) + (one[-1] != other[-1])
    return min(replaced, by_recursion(one[:-1], other) + 1, by_recursion(one, other[:-1]) + 1)


@given(WORDS, WORDS)
def test_one_pair(one: tuple[int, ...], other: tuple[int, ...]) -> None:
    assert edit_distance(one, other) == by_recursion(one, other) == edit_distance(other, one)


@given(st.lists(st.tuples(WORDS, WORDS), min_size=1, max_size=6))
def test_many_pairs_whatever_stands_behind_them(pairs: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
    def padded(side: int) -> tuple[np.ndarray, np.ndarray]:
        lengths = np.array([len(pair[side]) for pair in pairs])
        rows = np.random.default_rng(0).integers(0, 4, (len(pairs), lengths.max() + 2))
        for row, pair in zip(rows, pairs, strict=True):
            row[: len(pair[side])] = pair[side]
        return rows, lengths

    found = edit_distances(*padded(0), *padded(1))
    assert found.tolist() == [by_recursion(one, other) for one, other in pairs]


def test_known_words() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance(["the", "cat", "sat"], ["the", "cat", "sat", "down"]) == 1
    assert edit_distance("", "abc") == 3
