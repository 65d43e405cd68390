"""The planted grid: what its sentences say, what its questions ask, and how well it can be predicted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from rnnlab.data.baselines import baselines
from rnnlab.data.grid import Grid
from rnnlab.errors import RequestError

pytestmark = pytest.mark.usefixtures("cache")


def grid(**settings: Any) -> Grid:
    return Grid(Grid.Config(name="grid", **settings))


def sentences(dataset: Grid, split: str) -> list[list[str]]:
    symbols = dataset.prepare().symbols
    words = [symbols[place] for place in dataset.split(split).ids]
    return [words[start : start + 4] for start in range(0, len(words), 4)]


def test_every_sentence_gives_away_row_and_column() -> None:
    dataset = grid(rows=3, columns=12, sentences=900, held_out=40)
    found = sentences(dataset, "train")
    assert len(found) == 900 and len(sentences(dataset, "val")) == 40
    for word, *names, end in found:
        assert end == "\n" and set(names) == {f"row-{word[0]}", f"column-{word[1:]}"}
    assert {sentence[0] for sentence in found} == {f"{row}{column}" for row in "abc" for column in range(1, 13)}
    assert 0.4 < np.mean([sentence[1].startswith("row") for sentence in found]) < 0.6
    assert dataset.split("train").documents[:3].tolist() == [0, 4, 8]


def test_a_pure_function_of_its_seed() -> None:
    assert grid().prepare() == grid().prepare()
    assert grid(seed=1).prepare().fingerprint != grid().prepare().fingerprint
    longer, shorter = grid(sentences=500), grid(sentences=300)
    assert sentences(longer, "train")[:300] == sentences(shorter, "train")
    assert sentences(longer, "val") == sentences(shorter, "val")


def test_shuffled_words_are_the_same_words() -> None:
    plain, mixed = grid(sentences=200), grid(sentences=200, shuffled=True)
    assert plain.prepare().symbols == mixed.prepare().symbols
    for name in ("train", "val", "test"):
        assert sorted(plain.split(name).ids) == sorted(mixed.split(name).ids)
    assert sentences(plain, "train") != sentences(mixed, "train")


def test_the_questions_are_the_rectangles_of_the_grid() -> None:
    found = grid(rows=3, columns=4).questions()
    assert len(found) == len(set(found)) == 2 * (3 * 2) * (4 * 3)
    for a, b, c, d in found:
        across = a[0] == b[0] and c[0] == d[0] and a[1:] == c[1:] and b[1:] == d[1:]
        down = a[1:] == b[1:] and c[1:] == d[1:] and a[0] == c[0] and b[0] == d[0]
        assert len({a, b, c, d}) == 4 and (across or down)


def test_no_model_can_be_better_than_the_entropy_of_a_sentence() -> None:
    """A 3-gram sees all that there is to know: the word and the first name tell the second."""
    found = baselines(grid(rows=4, columns=5, held_out=4000))
    entropy = (math.log(4 * 5) + math.log(2)) / 4
    assert found["3-gram"] == pytest.approx(entropy, abs=0.01)
    assert found["2-gram"] > entropy + 0.3


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"rows": 27}, "data.rows = 27: it must be 2 to 26"),
        ({"columns": 1}, "data.columns = 1"),
        ({"sentences": 0}, "data.sentences = 0"),
        ({"held_out": 0}, "data.held_out = 0"),
        ({"seed": -1}, "data.seed = -1"),
    ],
)
def test_wrong_settings(settings: dict[str, int], line: str) -> None:
    with pytest.raises(RequestError, match=line):
        grid(**settings)
