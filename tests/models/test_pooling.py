"""One vector for a sequence: the same as by hand, whatever stands in the padding, on every backend."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.data.windows import without_common_padding
from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend, backends_of
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.model import build_model
from rnnlab.models.pooling import Pooling
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.classification import Classification

LENGTHS = torch.tensor([6, 2, 4, 1])
LABELS = torch.tensor([0, 3, 1, 2])
CELLS = ("lstm", "gru", "elman", "mingru", "layer_norm_lstm")
BACKENDS = [
    (name, backend)
    for name in CELLS
    for backend in backends_of(registry.component("cell", name)(registry.component("cell", name).Config(), 3))
    if backend is not Backend.compiled  # what it gives equals the loop: see tests/models/compiled
]


def build(
    spec: DataSpec, pooling: Pooling, cell: str = "gru", backend: Backend = Backend.loop, both_ways: bool = True
) -> Classification:
    torch.manual_seed(0)
    model = build_model(
        registry.component("cell", cell).Config(name=cell, hidden_size=6),
        Embedding.Config(name="none"),
        Stack.Config(dropout=0.0, depth=2, backend=backend, bidirectional=both_ways),
        Classification.Config(name="classification", pooling=pooling),
        spec,
    )
    assert isinstance(model, Classification)
    return model


def padded_with(value: float) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    inputs = torch.randn(4, 6, 3, generator=generator)
    for row, length in zip(inputs, LENGTHS, strict=True):
        row[length:] = value
    return inputs


@pytest.mark.parametrize("pooling", Pooling)
@pytest.mark.parametrize(("cell", "backend"), BACKENDS)
def test_padding_has_no_influence(cell: str, backend: Backend, pooling: Pooling, vector_spec: DataSpec) -> None:
    """Neither on logits nor on gradients: not what stands there, not how much of it, not the other rows."""
    model = build(vector_spec, pooling, cell, backend)
    long = torch.cat([padded_with(50.0), torch.full((4, 5, 3), -50.0)], dim=1)
    batches = [Batch(padded_with(0.0), LABELS, LENGTHS), Batch(long, LABELS, LENGTHS)]
    logits, gradients = [], []
    for batch in [*batches, without_common_padding(batches[1])]:
        model.zero_grad()
        model.loss(batch, None)[0].backward()
        gradients.append([p.grad.clone() for p in model.parameters()])
        logits.append(model(batch.inputs, None, None, batch.lengths)[0])
    for other, gradient in zip(logits[1:], gradients[1:], strict=True):
        assert (logits[0] - other).abs().max() < 1e-6
        assert max((a - b).abs().max() for a, b in zip(gradients[0], gradient, strict=True)) < 1e-6
    for row, length in enumerate(LENGTHS.tolist()):
        alone, _ = model(padded_with(0.0)[row : row + 1, :length])
        assert (logits[0][row] - alone[0]).abs().max() < 1e-6


@pytest.mark.parametrize("pooling", Pooling)
def test_against_numpy(pooling: Pooling, vector_spec: DataSpec) -> None:
    model = build(vector_spec, pooling).double()
    y_BTH = torch.randn(4, 6, model.stack.output_size, dtype=torch.float64)
    pooled_BH = model.pool(y_BTH, LENGTHS, model.stack).detach().numpy()
    weights = {name: value.detach().numpy() for name, value in model.pool.named_parameters()}
    for row, length in enumerate(LENGTHS.tolist()):
        valid_TH = y_BTH[row, :length].numpy()
        if pooling is Pooling.last:
            half = valid_TH.shape[1] // 2
            expected = np.concatenate([valid_TH[-1, :half], valid_TH[0, half:]])
        elif pooling is Pooling.attention:
            hidden = np.tanh(valid_TH @ weights["hidden.weight"].T + weights["hidden.bias"])
            scores = np.exp(hidden @ weights["score.weight"][0])
            expected = (scores / scores.sum()) @ valid_TH
        else:
            expected = {Pooling.mean: valid_TH.mean(axis=0), Pooling.max: valid_TH.max(axis=0)}[pooling]
        np.testing.assert_allclose(pooled_BH[row], expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("pooling", Pooling)
@pytest.mark.parametrize("both_ways", [False, True])
def test_the_first_and_the_last_input_move_the_output(pooling: Pooling, both_ways: bool, vector_spec: DataSpec) -> None:
    model = build(vector_spec, pooling, both_ways=both_ways)
    inputs = padded_with(0.0)
    plain, _ = model(inputs, None, None, LENGTHS)
    for end in ("first", "last"):
        moved = inputs.clone()
        for row, length in enumerate(LENGTHS.tolist()):
            moved[row, 0 if end == "first" else length - 1] += 1.0
        changed, _ = model(moved, None, None, LENGTHS)
        assert (changed - plain).abs().amax(dim=1).min() > 1e-4


def test_nothing_but_attention_has_weights(vector_spec: DataSpec) -> None:
    """So that what was stored before there were other poolings is still read."""
    sizes = {way: sum(p.numel() for p in build(vector_spec, way).pool.parameters()) for way in Pooling}
    assert [way for way, size in sizes.items() if size] == [Pooling.attention]
    assert not [name for name in build(vector_spec, Pooling.last).state_dict() if name.startswith("pool")]


def test_padding_that_is_no_number_reaches_neither_answer_nor_gradient(vector_spec: DataSpec) -> None:
    """A cell that grows without bound may overflow behind the end of a row."""
    for pooling in Pooling:
        pool = build(vector_spec, pooling).pool
        y_BTH = torch.randn(4, 6, 12)
        for row, length in zip(y_BTH, LENGTHS, strict=True):
            row[length:] = torch.nan if pooling is not Pooling.attention else torch.inf
        y_BTH.requires_grad_()
        pooled = pool(y_BTH, LENGTHS, build(vector_spec, pooling).stack)
        assert pooled.isfinite().all()


def test_balance_weighs_classes_and_keeps_the_loss_as_it_is(vector_spec: DataSpec) -> None:
    torch.manual_seed(0)
    counts = np.array([70, 20, 6, 4])
    spec = replace(vector_spec, labels=tuple("abcd"), label_counts=tuple(counts.tolist()))
    model = build_model(
        registry.component("cell", "gru").Config(name="gru", hidden_size=6),
        Embedding.Config(name="none"),
        Stack.Config(dropout=0.0, backend=Backend.loop),
        Classification.Config(name="classification", balance=0.5),
        spec,
    )
    batch = Batch(torch.randn(4, 6, 3), LABELS)
    logits = model(batch.inputs)[0].detach().double().numpy()
    shares = counts / counts.sum()
    weights = shares**-0.5 / (shares * shares**-0.5).sum()
    assert (shares * weights).sum() == pytest.approx(1)
    nats = -(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))[np.arange(4), LABELS]
    assert model.loss(batch, None)[0].item() == pytest.approx((weights[LABELS] * nats).mean(), rel=1e-5)
    told = logits + 0.5 * np.log(shares)
    plain = -(told - np.log(np.exp(told).sum(axis=1, keepdims=True)))[np.arange(4), LABELS]
    with torch.no_grad():
        sums = {name: float(value) for name, value in model.score(batch, None)[0].items()}
    assert model.metrics(sums)["loss"] == pytest.approx(plain.mean(), rel=1e-5)


def test_balance_needs_to_know_the_shares(vector_spec: DataSpec) -> None:
    with pytest.raises(RequestError, match=r"task.balance = 0.5: this data does not say"):
        Classification(
            Classification.Config(name="classification", balance=0.5),
            registry.build("embedding", Embedding.Config(name="none"), vector_spec),
            build(vector_spec, Pooling.last).stack,
            vector_spec,
        )
