"""Next-symbol prediction: the loss against NumPy, tied weights, and sums that add up."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.cells.lstm import LSTM
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.embeddings.one_hot import OneHot
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.language_model import LanguageModel


def build(spec: DataSpec, hidden: int = 6, embedding: Any = None, **settings: Any) -> LanguageModel:
    torch.manual_seed(0)
    model = build_model(
        LSTM.Config(name="lstm", hidden_size=hidden),
        embedding or Learned.Config(name="learned", size=6),
        Stack.Config(dropout=0.0),
        LanguageModel.Config(name="language_model", **settings),
        spec,
    )
    assert isinstance(model, LanguageModel)
    return model


@pytest.fixture
def batch() -> Batch:
    ids = torch.randint(7, (3, 11), generator=torch.Generator().manual_seed(1))
    return Batch(inputs=ids[:, :-1], targets=ids[:, 1:])


def cross_entropy(logits_BTV: np.ndarray, targets_BT: np.ndarray) -> np.ndarray:
    """-log softmax at the target, nats (B, T)."""
    shifted = logits_BTV - logits_BTV.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, targets_BT[..., None], axis=-1)[..., 0]


def test_loss_is_the_cross_entropy(text_spec: DataSpec, batch: Batch) -> None:
    model = build(text_spec)
    logits_BTV, _ = model(batch.inputs)
    wanted = cross_entropy(logits_BTV.detach().double().numpy(), batch.targets.numpy())
    loss, _ = model.loss(batch, None)
    assert loss.item() == pytest.approx(wanted.mean(), rel=1e-6)
    with torch.no_grad():
        sums, _ = model.score(batch, None)
    assert sums["nats"].dtype == torch.float64
    assert float(sums["nats"]) == pytest.approx(wanted.sum(), rel=1e-6)
    assert float(sums["count"]) == 30
    metrics = model.metrics({name: float(value) for name, value in sums.items()})
    assert metrics["bits_per_char"] == pytest.approx(metrics["loss"] / math.log(2))


def test_before_training_the_loss_is_about_that_of_chance(text_spec: DataSpec, batch: Batch) -> None:
    assert build(text_spec).loss(batch, None)[0].item() == pytest.approx(math.log(7), abs=0.3)


@torch.no_grad()
def test_scores_of_windows_add_up_to_that_of_the_whole(text_spec: DataSpec, batch: Batch) -> None:
    model = build(text_spec)
    total, state = 0.0, None
    whole, at_end = model.score(batch, None)
    for part in (slice(0, 4), slice(4, 10)):
        sums, state = model.score(Batch(batch.inputs[:, part], batch.targets[:, part]), state)
        total += float(sums["nats"])
    assert total == pytest.approx(float(whole["nats"]), rel=1e-6)
    torch.testing.assert_close(state, at_end, rtol=0, atol=1e-6)


def test_resets_reach_the_stack(text_spec: DataSpec, batch: Batch) -> None:
    model = build(text_spec)
    reset = torch.zeros(3, 10, dtype=torch.bool)
    reset[1, 4] = True
    logits, _ = model(batch.inputs, None, reset)
    afresh, _ = model(batch.inputs[:, 4:])
    torch.testing.assert_close(logits[1, 4:], afresh[1], rtol=0, atol=1e-6)


def test_tied_weights_are_one_tensor(text_spec: DataSpec, batch: Batch) -> None:
    tied, free = build(text_spec, tie_weights=True), build(text_spec)
    assert tied.head.weight is tied.embedding.map.weight
    count = {model: sum(p.numel() for p in model.parameters()) for model in (tied, free)}
    assert count[free] - count[tied] == 7 * 6
    torch.optim.SGD(tied.parameters(), lr=0.1)  # refuses a parameter that comes twice
    tied.loss(batch, None)[0].backward()
    free.head.weight.data, free.head.bias.data = tied.head.weight.data.clone(), tied.head.bias.data.clone()
    free.embedding.load_state_dict(tied.embedding.state_dict())
    free.stack.load_state_dict(tied.stack.state_dict())
    free.loss(batch, None)[0].backward()
    both = free.head.weight.grad + free.embedding.map.weight.grad
    torch.testing.assert_close(tied.head.weight.grad, both, rtol=1e-5, atol=1e-7)


def test_tied_weights_survive_a_stored_state(text_spec: DataSpec) -> None:
    tied, again = build(text_spec, tie_weights=True), build(text_spec, tie_weights=True)
    with torch.no_grad():
        tied.head.weight.add_(1.0)
    again.load_state_dict(tied.state_dict())
    assert again.head.weight is again.embedding.map.weight
    assert torch.equal(again.head.weight, tied.head.weight)


def test_weights_that_cannot_be_tied(text_spec: DataSpec) -> None:
    with pytest.raises(RequestError, match="embedding.size = 6 must equal cell.hidden_size = 5"):
        build(text_spec, hidden=5, tie_weights=True)
    with pytest.raises(RequestError, match="no table to share; possible with embedding=learned"):
        build(text_spec, embedding=OneHot.Config(name="one_hot"), tie_weights=True)


def test_perplexity_stands_where_symbols_are_words(text_spec: DataSpec, batch: Batch) -> None:
    words = replace(text_spec, unit="word")
    found = build(words).metrics({"nats": 30 * math.log(5.0), "words": 30.0})
    assert found == {"loss": pytest.approx(math.log(5)), "perplexity": pytest.approx(5.0)}
    assert build(words).metrics({"nats": 1e6, "words": 1.0})["perplexity"] == math.inf
    for spec in (words, text_spec, replace(text_spec, unit="byte")):
        with torch.no_grad():
            sums = {name: float(value) for name, value in build(spec).score(batch, None)[0].items()}
        assert tuple(build(spec).metrics(sums)) == LanguageModel.figures_on(spec)
    with torch.no_grad():
        tied = build(words, tie_weights=True)
        loss, _ = tied.loss(batch, None)
        scored = {name: float(value) for name, value in tied.score(batch, None)[0].items()}
    assert tied.metrics(scored)["perplexity"] == pytest.approx(math.exp(float(loss)), rel=1e-5)
