"""A share of each class for each part, and no item in two."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.spec import SPLITS
from rnnlab.data.stratified import stratified
from rnnlab.errors import RequestError


@given(sizes=st.lists(st.integers(3, 60), min_size=2, max_size=5), seed=st.integers(0, 1000))
def test_every_class_has_its_share_of_every_part(sizes: list[int], seed: int) -> None:
    pairs = [(f"{label} {number}", str(label)) for label, size in enumerate(sizes) for number in range(size)]
    items, labels = zip(*pairs, strict=True)
    parts = stratified(items, labels, seed, "test")
    assert sorted(place for name in SPLITS for place in parts[name]) == list(range(len(items)))
    for label, size in enumerate(sizes):
        found = {name: sum(labels[place] == str(label) for place in parts[name]) for name in SPLITS}
        held_out = max(1, round(0.15 * size))
        assert found == {"train": size - 2 * held_out, "val": held_out, "test": held_out}
    assert parts == stratified(items, labels, seed, "test")


@given(items=st.lists(st.tuples(st.integers(0, 30), st.sampled_from("ab")), min_size=1, max_size=90))
def test_equal_items_stay_together_whatever_their_classes(items: list[tuple[int, str]]) -> None:
    pairs = [*items, *((100 + n, "a") for n in range(3)), *((200 + n, "b") for n in range(3))]
    texts, labels = zip(*pairs, strict=True)
    parts = stratified(texts, labels, 0, "test")
    seen = [{texts[place] for place in parts[name]} for name in SPLITS]
    assert sum(map(len, seen)) == len(set(texts))


def test_items_of_two_classes_go_with_the_rarer_one() -> None:
    """Else a class whose items nearly all belong to a larger one would have none in some part."""
    common = [(n, "common") for n in range(40)]
    rare = [(n, "rare") for n in range(10)]
    texts, labels = zip(*common, *rare, strict=True)
    parts = stratified(texts, labels, 0, "test")
    for name in SPLITS:
        assert Counter(labels[place] for place in parts[name])["rare"] >= 2


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        ("aaabb", r"test: class 'b' has 2 different items of its own; each class needs at least 3, one for each of"),
        ("aaaa", r"test: all items are of class 'a'; at least 2 classes are needed"),
    ],
)
def test_too_few(labels: str, line: str) -> None:
    with pytest.raises(RequestError, match=line):
        stratified(range(len(labels)), list(labels), 0, "test")
