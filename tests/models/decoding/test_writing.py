"""What a model writes about plain symbols, in any number of rows, and how a whole part is scored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from unittest.mock import ANY

import numpy as np
import pytest
import torch

from rnnlab.data.base import Dataset, Share
from rnnlab.data.contents import Sequences
from rnnlab.data.pairs import UNKNOWN
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.decoding.evaluation import by_length, evaluated
from rnnlab.models.decoding.searching import greedy
from rnnlab.models.decoding.writing import ROWS, Search, numbered, write
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder
from rnnlab.scores.edits import edit_distance

Make = Callable[..., EncoderDecoder]


def sources(count: int) -> list[list[int]]:
    draw = np.random.default_rng(5)
    return [draw.integers(0, 5, draw.integers(1, 5)).tolist() for _ in range(count)]


def test_one_by_one_or_together_the_same_is_written(make_writer: Make, pairs_spec: DataSpec) -> None:
    model, given = make_writer("additive").eval(), sources(ROWS + 9)
    together = write(model, pairs_spec, given, Search(beam=3))
    for source, found in zip(given, together, strict=True):
        (alone,) = write(model, pairs_spec, [source], Search(beam=3))
        assert (alone.source, alone.target) == (found.source, found.target)
        assert found.source == tuple(pairs_spec.symbols[place] for place in source)
        assert alone.score == pytest.approx(found.score, abs=1e-12)
        assert found.weights is not None and found.weights.shape[1] == len(source)
        assert len(found.target) <= found.weights.shape[0] <= len(found.target) + 1
        np.testing.assert_allclose(found.weights.sum(axis=1), 1, rtol=0, atol=1e-12)


def test_without_attention_there_are_no_weights(make_writer: Make, pairs_spec: DataSpec) -> None:
    assert write(make_writer("none").eval(), pairs_spec, [[1, 2]], Search())[0].weights is None


class Held(Dataset):
    """Items that a test holds, of which it knows whether a model looks."""

    def __init__(self, spec: DataSpec, part: Sequences) -> None:
        super().__init__(Dataset.Config())
        self.spec, self.part = spec, part

    def prepare(self) -> DataSpec:
        return self.spec

    def split(self, name: str) -> Sequences:
        return self.part

    def written_as(self, symbols: Sequence[str]) -> str:
        return (" " if self.spec.unit == "word" else "").join(symbols)

    def judge(
        self, split: str, written: Sequence[Sequence[str]], looked: Sequence[np.ndarray] | None
    ) -> dict[str, Share]:
        assert looked is not None and len(written) == len(looked)
        return {"looks": Share(float(sum(weights[0].sum() for weights in looked)), len(looked))}


@torch.no_grad()
def ending(model: EncoderDecoder) -> EncoderDecoder:
    """The same model, some of whose sentences end soon."""
    model.readout.head.bias[0] += 0.6
    return model.eval()


@torch.no_grad()
def test_a_part_is_scored_as_a_loop_scores_it(make_writer: Make, pairs_spec: DataSpec) -> None:
    """Half of the targets are what the model writes; the other half are drawn."""
    model, given, draw = ending(make_writer("general")), sources(40), np.random.default_rng(6)
    inputs, labels = np.zeros((40, 4), dtype=np.int64), np.full((40, 5), -1)
    edits, lengths = [], []
    for row, source in enumerate(given):
        inputs[row, : len(source)] = source
        symbols = greedy(model.decoder, model.about(torch.tensor([source]), None), 5).symbols_BU[0].tolist()
        written = symbols[: symbols.index(0)] if 0 in symbols else symbols
        target = written[:4] if row % 2 else draw.integers(1, 5, draw.integers(0, 5)).tolist()
        labels[row, : len(target) + 1] = [*target, 0]
        edits.append(edit_distance(written, target))
        lengths.append(len(target))
    part = Sequences(inputs, labels, np.array([len(source) for source in given]))
    found = evaluated(model, pairs_spec, Held(pairs_spec, part), "test", Search(beam=1, length_penalty=0))
    rows = found.scores
    assert rows[0]["items"] == 40 and rows[0]["exact"] == pytest.approx(np.mean([e == 0 for e in edits]))
    assert rows[0]["low"] < rows[0]["exact"] < rows[0]["high"]
    assert rows[0]["symbol_error"] == pytest.approx(sum(edits) / sum(lengths))
    assert sum(row["items"] for row in rows[1:]) == 40 and found.signatures == ()
    assert found.judged == [{"": "looks", "share": 1, "low": ANY, "high": 1, "of": 40}]


def test_words_have_bleu_against_all_their_references(make_writer: Make, pairs_spec: DataSpec) -> None:
    """A model is perfect whose sentences are among the references, each a word for a symbol."""
    spec = replace(pairs_spec, unit="word")
    model, given = make_writer("dot").eval(), sources(12)
    labels, others = np.full((12, 6), -1), np.full((12, 1, 6), -1)
    for row, found in enumerate(write(model, spec, given, Search(beam=1))):
        symbols = [spec.target_symbols.index(symbol) for symbol in found.target]
        labels[row, :2] = [1, 0]
        others[row, 0, : len(symbols) + 1] = [*symbols, 0]
    inputs = np.array([source + [0] * (4 - len(source)) for source in given])
    part = Sequences(inputs, labels, np.array([len(source) for source in given]), alternatives=others)
    rows, _, signatures = evaluated(model, spec, Held(spec, part), "test", Search(beam=1))
    assert rows[0]["exact"] == 1 and rows[0]["chrf"] == pytest.approx(100, abs=1e-6)
    assert rows[0]["bleu"] == pytest.approx(100, abs=1e-6) and len(signatures) == 2


def test_groups_of_lengths_hold_every_item_once() -> None:
    lengths = np.array([3, 3, 4, 9, 9, 9, 5, 6, 7, 8])
    groups = by_length(lengths)
    assert sorted(np.concatenate([items for _, items in groups]).tolist()) == list(range(10))
    assert [title for title, _ in groups] == ["3-4", "5-6", "7-8", "9"]
    assert by_length(np.array([4, 4, 4])) == []


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("", "TEXT: is empty"),
        ("abx", "TEXT: symbol 3, 'x', is not among the 5 that the model has seen"),
        ("Ab", "TEXT: symbol 1, 'A', is not among the 5 that the model has seen .did you mean 'a'"),
    ],
)
def test_what_cannot_be_read_is_refused(pairs_spec: DataSpec, source: Sequence[str], line: str) -> None:
    with pytest.raises(RequestError, match=line):
        numbered(source, pairs_spec, "TEXT")


def test_an_unknown_word_is_read_as_one_where_the_vocabulary_has_it(pairs_spec: DataSpec) -> None:
    spec = replace(pairs_spec, symbols=(UNKNOWN, "a", "b"))
    assert numbered("axb", spec, "TEXT") == [1, 0, 2]


def test_a_beam_larger_than_the_vocabulary_is_refused(make_writer: Make, pairs_spec: DataSpec) -> None:
    with pytest.raises(RequestError, match=r"^--beam = 6: it must be at most 5, the symbols to choose from$"):
        write(make_writer(), pairs_spec, [[1]], Search(beam=6))
    with pytest.raises(RequestError, match=r"^--beam = 0: it must be at least 1$"):
        Search(beam=0)
