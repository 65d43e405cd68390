"""A label for a sequence: read at its last valid step, whatever stands behind it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score

from rnnlab.config import registry
from rnnlab.data.base import Batch, DataSpec
from rnnlab.models.backends import Backend
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.classification import Classification

CELLS = registry.names("cell")


def build(spec: DataSpec, cell: str = "gru") -> Classification:
    torch.manual_seed(0)
    model = build_model(
        registry.component("cell", cell).Config(name=cell, hidden_size=6),
        Embedding.Config(name="none"),
        Stack.Config(dropout=0.0, depth=2, backend=Backend.loop),
        Classification.Config(name="classification"),
        spec,
    )
    assert isinstance(model, Classification)
    return model


@pytest.mark.parametrize("cell", CELLS)
def test_padding_has_no_influence(cell: str, vector_spec: DataSpec) -> None:
    """Neither on the logits nor, through the gradient, on the weights."""
    model = build(vector_spec, cell)
    lengths, labels = torch.tensor([6, 2, 4, 1]), torch.tensor([0, 3, 1, 2])
    inputs = torch.randn(4, 6, 3)
    noisy = inputs.clone()
    for row, length in enumerate(lengths.tolist()):
        noisy[row, length:] = 100 * torch.randn(6 - length, 3)
    gradients = []
    for padded in (inputs, noisy):
        model.zero_grad()
        model.loss(Batch(padded, labels, lengths), None)[0].backward()
        gradients.append([p.grad.clone() for p in model.parameters()])
    logits = [model(padded, None, None, lengths)[0] for padded in (inputs, noisy)]
    assert (logits[0] - logits[1]).abs().max() < 1e-6
    assert max((a - b).abs().max() for a, b in zip(*gradients, strict=True)) < 1e-6
    for row, length in enumerate(lengths.tolist()):
        alone, _ = model(inputs[row : row + 1, :length])
        torch.testing.assert_close(logits[0][row : row + 1], alone, rtol=0, atol=1e-6)


def test_loss_and_accuracy_against_numpy(vector_spec: DataSpec) -> None:
    model, labels = build(vector_spec), torch.tensor([0, 3, 1, 2])
    batch = Batch(torch.randn(4, 6, 3), labels)
    logits = model(batch.inputs)[0].detach().double().numpy()
    nats = np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(4), labels.numpy()]
    assert model.loss(batch, None)[0].item() == pytest.approx(nats.mean(), rel=1e-6)
    with torch.no_grad():
        sums = {name: float(value) for name, value in model.score(batch, None)[0].items()}
    assert sums["nats"] == pytest.approx(nats.sum(), rel=1e-6)
    accuracy = (logits.argmax(axis=1) == labels.numpy()).mean()
    assert model.metrics(sums) == {"loss": pytest.approx(nats.mean(), rel=1e-6), "accuracy": accuracy}


def test_sequences_never_start_from_another_one_s_state(vector_spec: DataSpec) -> None:
    model = build(vector_spec)
    batch = Batch(torch.randn(4, 6, 3), torch.tensor([0, 3, 1, 2]))
    loss, state = model.loss(batch, None)
    again, _ = model.loss(batch, state)
    assert torch.equal(loss, again)


def test_macro_f1_where_classes_have_names(vector_spec: DataSpec) -> None:
    """Added up over batches, as scikit-learn has it for all of them together."""
    spec = replace(vector_spec, labels=tuple("abcd"))
    model = build(spec)
    generator = torch.Generator().manual_seed(2)
    batches = [
        Batch(torch.randn(9, 6, 3, generator=generator), torch.randint(4, (9,), generator=generator)) for _ in range(3)
    ]
    with torch.no_grad():
        sums = [model.score(batch, None)[0] for batch in batches]
        said = torch.cat([model.answers(batch) for batch in batches])
    found = model.metrics({name: float(sum(part[name] for part in sums)) for name in sums[0]})
    true = torch.cat([batch.targets for batch in batches])
    assert found["macro_f1"] == pytest.approx(f1_score(true, said, average="macro"))
    assert Classification.figures_on(spec) == ("loss", "accuracy", "macro_f1") == tuple(found)
    assert Classification.figures_on(vector_spec) == ("loss", "accuracy")
