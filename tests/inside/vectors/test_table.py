"""Nearest words and analogies against plain loops, and against gensim."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.errors import RequestError
from rnnlab.inside.vectors import expression
from rnnlab.inside.vectors.files import write_word2vec
from rnnlab.inside.vectors.table import WordVectors

NAMES = ("king", "queen", "man", "woman", "apple", "pear", "fig", "mother-in-law")


def drawn(seed: int, count: int = len(NAMES), features: int = 5) -> WordVectors:
    names = NAMES if count == len(NAMES) else tuple(f"w{number}" for number in range(count))
    return WordVectors(names, np.random.default_rng(seed).normal(size=(count, features)))


def cosine(one: np.ndarray, other: np.ndarray) -> float:
    lengths = math.sqrt(math.fsum(x * x for x in one)) * math.sqrt(math.fsum(x * x for x in other))
    return math.fsum(float(x) * float(y) for x, y in zip(one, other, strict=True)) / lengths


@given(st.integers(0, 2**32 - 1))
def test_nearest_are_those_with_the_largest_cosine(seed: int) -> None:
    vectors = drawn(seed)
    table = vectors.vectors_VD.astype(np.float64)
    wanted = sorted(((cosine(table[2], table[v]), v) for v in range(len(NAMES)) if v != 2), reverse=True)
    found = vectors.nearest(2, 3)
    assert [word for word, _ in found] == [NAMES[v] for _, v in wanted[:3]]
    assert [value for _, value in found] == pytest.approx([value for value, _ in wanted[:3]])


@given(st.integers(0, 2**32 - 1))
def test_an_analogy_leaves_its_own_words_out(seed: int) -> None:
    vectors = drawn(seed)
    unit = [row / math.sqrt(math.fsum(row * row)) for row in vectors.vectors_VD.astype(np.float64)]
    total = unit[0] - unit[2] + unit[3]
    wanted = max((cosine(total, unit[v]), NAMES[v]) for v in range(len(NAMES)) if v not in (0, 2, 3))
    (found,) = vectors.analogy(expression.parse("king-man+woman", vectors), 1)
    assert found == (wanted[1], pytest.approx(wanted[0]))
    assert vectors.answers(np.array([[2, 0, 3]])).tolist() == [NAMES.index(wanted[1])]


def test_answers_to_many_questions_are_those_of_each() -> None:
    vectors = drawn(3, count=40)
    asked_Q3 = np.array([np.random.default_rng(n).permutation(40)[:3] for n in range(700)])
    singly = [vectors.answers(row[None]).item() for row in asked_Q3]
    assert vectors.answers(asked_Q3).tolist() == singly
    assert vectors.answers(np.empty((0, 3), np.int64)).tolist() == []


def test_equal_to_gensim(tmp_path: Path) -> None:
    keyed = pytest.importorskip("gensim.models", reason="gensim is not installed").KeyedVectors
    vectors = drawn(0, count=60, features=12)
    write_word2vec(vectors, tmp_path / "vectors.txt")
    theirs = keyed.load_word2vec_format(str(tmp_path / "vectors.txt"))
    assert tuple(theirs.index_to_key) == vectors.words
    assert np.array_equal(theirs.vectors, vectors.vectors_VD)
    for (word, value), (other, wanted) in zip(vectors.nearest(7, 10), theirs.most_similar("w7", topn=10), strict=True):
        assert word == other and value == pytest.approx(wanted, abs=1e-6)
    terms = expression.parse("w1-w2+w3", vectors)
    wanted = theirs.most_similar(positive=["w1", "w3"], negative=["w2"], topn=10)
    assert [word for word, _ in vectors.analogy(terms, 10)] == [word for word, _ in wanted]


def test_more_answers_than_words_and_a_vector_of_zeros() -> None:
    vectors = WordVectors(("a", "b", "c"), np.array([[1.0, 0.0], [0.0, 0.0], [0.0, 2.0]]))
    assert vectors.nearest(0, 10) == [("b", 0.0), ("c", 0.0)]
    assert vectors.analogy([(1, 0), (-1, 0)], 5) == [("b", 0.0), ("c", 0.0)]


def test_an_unknown_word_names_the_nearest() -> None:
    vectors = drawn(0)
    assert vectors.place("KING", "--nearest") == 0
    with pytest.raises(RequestError, match=r"--nearest: 'kingg' is not among the 8 words .*\(did you mean 'king'\?\)"):
        vectors.place("kingg", "--nearest")


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("king-man+woman", [(1, 0), (-1, 2), (1, 3)]),
        ("-man+King", [(-1, 2), (1, 0)]),
        (" king - mother-in-law + fig ", [(1, 0), (-1, 7), (1, 6)]),
        ("- man + mother-in-law", [(-1, 2), (1, 7)]),
    ],
)
def test_a_sum_of_words(text: str, terms: list[tuple[int, int]]) -> None:
    assert expression.parse(text, drawn(0)) == terms


@pytest.mark.parametrize("text", ["king", "", "king--man", "king+", "+", "mother-in-law+fig", "king-man+womann"])
def test_what_is_no_sum(text: str) -> None:
    with pytest.raises(RequestError, match="--analogy") as refused:
        expression.parse(text, drawn(0))
    assert "\n" not in str(refused.value)
