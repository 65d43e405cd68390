"""All steps ahead at once, against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.base import Batch, DataSpec
from rnnlab.models.backends import Backend
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.forecasting import Forecasting

AHEAD = 3
SPEC = DataSpec("series", (), 1, 0, {"train": 8, "val": 4, "test": 4}, 6, "", "0", target_length=AHEAD)


def build() -> Forecasting:
    torch.manual_seed(0)
    model = build_model(
        registry.component("cell", "gru").Config(name="gru", hidden_size=6),
        Embedding.Config(name="none"),
        Stack.Config(dropout=0.0, backend=Backend.loop),
        Forecasting.Config(name="forecasting"),
        SPEC,
    )
    assert isinstance(model, Forecasting)
    return model


def test_figures_against_numpy() -> None:
    model, batch = build(), Batch(torch.randn(4, 6, 1), torch.randn(4, AHEAD))
    said = model.answers(batch).detach().numpy()
    assert said.shape == (4, AHEAD)
    error = said - batch.targets.numpy()
    with torch.no_grad():
        sums = {name: float(value) for name, value in model.score(batch, None)[0].items()}
    found = model.metrics(sums)
    mean_squared = float(np.mean(error.astype(np.float64) ** 2))
    assert found["loss"] == pytest.approx(mean_squared, rel=1e-6)
    assert found["rmse"] == pytest.approx(math.sqrt(mean_squared), rel=1e-6)
    assert found["mae"] == pytest.approx(np.abs(error).mean(), rel=1e-6)
    assert model.loss(batch, None)[0].item() == pytest.approx(mean_squared, rel=1e-6)
