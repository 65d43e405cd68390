"""A number for a sequence: the squared error against NumPy."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.regression import Regression

LENGTHS = torch.tensor([6, 2, 4, 1])


def build(spec: DataSpec, **stack: Any) -> Regression:
    torch.manual_seed(0)
    model = build_model(
        registry.component("cell", "lstm").Config(name="lstm", hidden_size=6),
        Embedding.Config(name="none"),
        Stack.Config(dropout=0.0, **stack),
        Regression.Config(name="regression"),
        replace(spec, shape="numbers", classes=0),
    )
    assert isinstance(model, Regression)
    return model


@pytest.fixture
def batch() -> Batch:
    generator = torch.Generator().manual_seed(1)
    return Batch(torch.randn(4, 6, 3, generator=generator), torch.randn(4, generator=generator), LENGTHS)


def test_squared_error_against_numpy(vector_spec: DataSpec, batch: Batch) -> None:
    model = build(vector_spec)
    y_BTH = model.stack(batch.inputs)[0].detach().double().numpy()
    ends = y_BTH[np.arange(4), LENGTHS.numpy() - 1]
    head = (model.head.weight.detach().double().numpy()[0], model.head.bias.item())
    wanted = ((ends @ head[0] + head[1] - batch.targets.double().numpy()) ** 2).mean()
    assert model.loss(batch, None)[0].item() == pytest.approx(wanted, rel=1e-5)
    with torch.no_grad():
        sums = {name: float(value) for name, value in model.score(batch, None)[0].items()}
    assert model.metrics(sums) == {
        "loss": pytest.approx(wanted, rel=1e-5),
        "rmse": pytest.approx(math.sqrt(wanted), rel=1e-5),
    }


def test_one_number_for_each_row(vector_spec: DataSpec, batch: Batch) -> None:
    model = build(vector_spec)
    together, _ = model(batch.inputs, None, None, LENGTHS)
    assert together.shape == (4,)
    for row, length in enumerate(LENGTHS.tolist()):
        alone, _ = model(batch.inputs[row : row + 1, :length])
        torch.testing.assert_close(together[row : row + 1], alone, rtol=0, atol=1e-6)


def test_reduced_precision_compares_in_full_precision(vector_spec: DataSpec, batch: Batch) -> None:
    """Targets near each other would be equal in bfloat16, whose numbers near 1000 are 4 apart."""
    model = build(vector_spec)
    torch.nn.init.zeros_(model.head.weight)
    model.head.bias.data.fill_(1000.0)
    near = replace(batch, targets=torch.tensor([1001.0, 1001.0, 999.0, 1001.0]))
    with torch.autocast("cpu", dtype=torch.bfloat16):
        loss = model.loss(near, None)[0]
    assert loss.dtype == torch.float32 and loss.item() == pytest.approx(1.0)


def test_a_sequence_never_starts_from_another_one_s_state(vector_spec: DataSpec, batch: Batch) -> None:
    model = build(vector_spec)
    loss, state = model.loss(batch, None)
    assert torch.equal(loss, model.loss(batch, state)[0])
