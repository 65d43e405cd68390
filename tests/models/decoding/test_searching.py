"""Greedy writing and beam search against plain loops, and against every sentence that there is."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest
import torch

from rnnlab.data.contents import Batch
from rnnlab.models.decoding.decoder import END
from rnnlab.models.decoding.searching import beam_search, greedy
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder

Make = Callable[..., EncoderDecoder]
LIMIT = 4
SYMBOLS = 5


def row(batch: Batch, number: int) -> tuple[torch.Tensor, torch.Tensor]:
    return batch.inputs[number : number + 1], batch.lengths[number : number + 1]


def steps_of(model: EncoderDecoder, batch: Batch, number: int) -> Callable[[tuple[int, ...]], list[float]]:
    """ln P of each symbol that may follow these, in one row by itself."""
    about = model.about(*row(batch, number))

    def following(before: tuple[int, ...]) -> list[float]:
        said = model.decoder.say(torch.tensor([[END, *before]]), about)
        return said.logits_BUV[0, -1].log_softmax(-1).tolist()

    return following


def sentences(following: Callable[[tuple[int, ...]], list[float]], limit: int) -> dict[tuple[int, ...], float]:
    """Every sentence that ends within ``limit`` symbols, its end the last of them, with ln P."""
    known = {
        before: following(before) for n in range(limit) for before in itertools.product(range(1, SYMBOLS), repeat=n)
    }
    found = {}
    for before in known:
        nats = sum(known[before[:k]][symbol] for k, symbol in enumerate(before))
        found[*before, END] = nats + known[before][END]
    return found


def beam_by_lists(
    following: Callable[[tuple[int, ...]], list[float]], limit: int, beam: int, penalty: float
) -> tuple[float, tuple[int, ...]]:
    """Sutskever's search over Python lists: what ends leaves the beam, which is then narrower."""
    going, ended = [(0.0, ())], []
    for _ in range(limit):
        grown = [(nats + step, (*s, v)) for nats, s in going for v, step in enumerate(following(s))]
        best = sorted(grown, reverse=True)[: beam - len(ended)]
        ended += [(nats / ((5 + len(s)) / 6) ** penalty, s) for nats, s in best if s[-1] == END]
        going = [(nats, s) for nats, s in best if s[-1] != END]
        if not going:
            break
    return max(ended) if ended else max((nats / ((5 + len(s)) / 6) ** penalty, s) for nats, s in going)


def sharp(make_writer: Make, seed: int, feed: bool = False, attention: str = "general") -> EncoderDecoder:
    """A model whose sentences differ much in how likely they are."""
    model = make_writer(attention, cell="gru", seed=seed, feed=feed).eval()
    with torch.no_grad():
        model.readout.head.weight.mul_(3)
    return model


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("penalty", [0.0, 0.6, 2.0])
@torch.no_grad()
def test_a_wide_beam_finds_the_best_of_all_sentences(
    make_writer: Make, pairs_batch: Batch, seed: int, penalty: float
) -> None:
    model = sharp(make_writer, seed)
    found = beam_search(model.decoder, model.about(pairs_batch.inputs, pairs_batch.lengths), LIMIT, 5**LIMIT, penalty)
    for number in range(4):
        every = sentences(steps_of(model, pairs_batch, number), LIMIT)
        ranked = {s: nats / ((5 + len(s)) / 6) ** penalty for s, nats in every.items()}
        best = max(ranked, key=ranked.__getitem__)
        assert ended(found.symbols_BU[number]) == best
        assert float(found.scores_B[number]) == pytest.approx(ranked[best], abs=1e-10)


@pytest.mark.parametrize("beam", [1, 2, 3, 5])
@pytest.mark.parametrize(("seed", "feed"), [(0, False), (1, True), (2, False), (3, True)])
@torch.no_grad()
def test_against_a_search_over_lists(make_writer: Make, pairs_batch: Batch, beam: int, seed: int, feed: bool) -> None:
    model = sharp(make_writer, seed, feed, "additive")
    about = model.about(pairs_batch.inputs, pairs_batch.lengths)
    found = beam_search(model.decoder, about, LIMIT, beam, 0.6)
    for number in range(4):
        score, sentence = beam_by_lists(steps_of(model, pairs_batch, number), LIMIT, beam, 0.6)
        assert ended(found.symbols_BU[number]) == sentence
        assert float(found.scores_B[number]) == pytest.approx(score, abs=1e-10)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("attention", ["none", "dot", "general", "additive"])
@torch.no_grad()
def test_a_beam_of_one_is_greedy_to_the_bit(
    make_writer: Make, pairs_batch: Batch, attention: str, dtype: torch.dtype
) -> None:
    for seed in range(5):
        model = make_writer(attention, seed=seed).to(dtype).eval()
        about = model.about(pairs_batch.inputs, pairs_batch.lengths)
        one, other = greedy(model.decoder, about, 9), beam_search(model.decoder, about, 9, 1)
        assert torch.equal(one.symbols_BU, other.symbols_BU)
        assert torch.equal(one.scores_B, other.scores_B)


@torch.no_grad()
def test_greedy_takes_the_likeliest_and_stops_at_the_end(make_writer: Make, pairs_batch: Batch) -> None:
    model = sharp(make_writer, 5)
    found = greedy(model.decoder, model.about(pairs_batch.inputs, pairs_batch.lengths), LIMIT)
    for number in range(4):
        following, sentence, nats = steps_of(model, pairs_batch, number), (), 0.0
        while len(sentence) < LIMIT and (not sentence or sentence[-1] != END):
            steps = following(sentence)
            nats += max(steps)
            sentence = (*sentence, steps.index(max(steps)))
        assert ended(found.symbols_BU[number]) == sentence
        assert float(found.scores_B[number]) == pytest.approx(nats, abs=1e-10)


@torch.no_grad()
def test_a_sentence_that_cannot_end_is_as_long_as_allowed(make_writer: Make, pairs_batch: Batch) -> None:
    model = sharp(make_writer, 0)
    model.readout.head.bias[END] = -1e4
    about = model.about(pairs_batch.inputs, pairs_batch.lengths)
    for found in (greedy(model.decoder, about, 3), beam_search(model.decoder, about, 3, 2)):
        assert (found.symbols_BU > 0).all() and found.symbols_BU.shape == (4, 3)
        assert math.isfinite(float(found.scores_B.sum()))


@torch.no_grad()
def test_rows_do_not_mix(make_writer: Make, pairs_batch: Batch) -> None:
    model = sharp(make_writer, 7)
    together = beam_search(model.decoder, model.about(pairs_batch.inputs, pairs_batch.lengths), LIMIT, 3)
    for number in range(4):
        alone = beam_search(model.decoder, model.about(*row(pairs_batch, number)), LIMIT, 3)
        assert ended(alone.symbols_BU[0]) == ended(together.symbols_BU[number])
        assert float(alone.scores_B[0]) == pytest.approx(float(together.scores_B[number]), abs=1e-12)


def ended(symbols_U: torch.Tensor) -> tuple[int, ...]:
    """A sentence with its end, without what stands behind it."""
    symbols = symbols_U.tolist()
    return tuple(symbols[: symbols.index(END) + 1] if END in symbols else symbols)
