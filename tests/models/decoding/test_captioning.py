"""Captions of whole parts: what is scored is what was written, and what the data says of it is what it is asked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.contents import Sequences
from rnnlab.data.shapes import Shapes
from rnnlab.data.windows import SequenceBatches
from rnnlab.models.decoding import writing
from rnnlab.models.decoding.captioning import caption, evaluated_captions, looked_at
from rnnlab.models.decoding.searching import Sentences
from rnnlab.models.decoding.writing import Search
from rnnlab.models.model import build_model

GREEDY = Search(beam=1, length_penalty=0)


def made(attention: str = "general", feed: bool = True) -> tuple[Any, Shapes]:
    """An untrained model, and its data: 70 pictures in each part, more than are written about at once."""
    e = compose(
        ["task=encoder_decoder", "encoder=cnn", "encoder.size=16", f"attention={attention}", "data=shapes", "cell=gru"]
        + ["cell.hidden_size=8", "embedding.size=4", f"attention.feed={feed}", "data.examples=8", "data.held_out=70"]
    ).experiment
    data = registry.build("data", e.data)
    torch.manual_seed(3)
    model = build_model(e.cell, e.embedding, e.stack, e.task, data.prepare(), e.encoder, e.attention)
    return model.eval(), data


def test_the_shares_are_those_of_what_is_written() -> None:
    model, data = made()
    spec, part = data.prepare(), data.split("val")
    found = caption(model, spec, part.inputs, GREEDY)
    looked = [looked_at(model, written) for written in found]
    for written, weights in zip(found, looked, strict=True):
        assert weights is not None and weights.shape == (min(len(written.target) + 1, 15), 8, 8)
        assert np.allclose(weights.sum(axis=(1, 2)), 1, atol=1e-5) and written.score < 0
    shares, scores = evaluated_captions(model, data.prepare(), data, "val", GREEDY)
    judged = data.judge("val", [written.target for written in found], looked)
    asked = {name: share for name, share in judged.items() if share.of}
    assert {row[""]: (round(row["share"] * row["of"]), row["of"]) for row in shares[1:]} == asked
    sums, _ = model.score(SequenceBatches(part, 70, None).batch(0, 0), None)
    assert shares[0]["share"] == pytest.approx(1 - float(sums["wrong"]) / 70)
    assert set(scores) == {"bleu1", "bleu2", "bleu3", "bleu4", "rouge_l"} and min(scores.values()) >= 0


def test_sentences_that_a_picture_has_score_a_hundred(monkeypatch: pytest.MonkeyPatch) -> None:
    model, data = made()
    part = data.split("test")
    assert isinstance(part, Sequences) and part.alternatives is not None
    last = [row[row[:, 0] > 0][-1] for row in part.alternatives]

    done = [0]

    def right(decoder: object, about: Any, *rest: object) -> Sentences:
        count = len(about.memory_BSM)
        done[0] += count
        symbols_BU = torch.from_numpy(np.stack(last[done[0] - count : done[0]]).clip(min=0)).long()
        return Sentences(symbols_BU, torch.zeros(count, dtype=torch.float64))

    monkeypatch.setattr(writing, "beam_search", right)
    shares, scores = evaluated_captions(model, data.prepare(), data, "test", GREEDY)
    assert [row["share"] for row in shares[:2]] == [1, 1]
    assert all(value == pytest.approx(100) for value in scores.values())


def test_without_attention_there_is_nowhere_to_point() -> None:
    model, data = made("none", feed=False)
    shares, _ = evaluated_captions(model, data.prepare(), data, "val", GREEDY)
    assert [row[""] for row in shares] == ["exact", "meaning"]
