"""All steps ahead at once, against NumPy."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.backends import Backend
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.forecasting import Forecasting

AHEAD = 3
SPEC = DataSpec("series", (), 1, 0, {"train": 8, "val": 4, "test": 4}, 6, "", "0", target_length=AHEAD)


def build(own_units: bool = False) -> Forecasting:
    torch.manual_seed(0)
    model = build_model(
        registry.component("cell", "gru").Config(name="gru", hidden_size=6),
        Embedding.Config(name="none"),
        Stack.Config(dropout=0.0, backend=Backend.loop),
        Forecasting.Config(name="forecasting", own_units=own_units),
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


def test_own_units_make_shift_and_scale_of_a_window_no_news() -> None:
    """What is said of a past that is moved and stretched is what was said of it, moved and stretched."""
    model, past = build(own_units=True), torch.randn(4, 6, 1, dtype=torch.float64)
    model.double()
    moved, stretched = 3.0, 20.0
    said, again = model(past)[0], model(moved + stretched * past)[0]
    # Not to the bit: 1e-5 is added to the variance of both.
    torch.testing.assert_close(again, moved + stretched * said, rtol=1e-4, atol=1e-3)
    assert not torch.allclose(build().double()(moved + stretched * past)[0], again)


def test_own_units_against_numpy() -> None:
    model, past = build(own_units=True), torch.randn(4, 6, 1)
    values = past.numpy().astype(np.float64)[:, :, 0]
    mean, deviation = values.mean(axis=1, keepdims=True), np.sqrt(values.var(axis=1, keepdims=True) + 1e-5)
    plain = build()
    plain.load_state_dict(model.state_dict())
    said = plain(torch.from_numpy((values - mean) / deviation).float()[:, :, None])[0].detach().numpy()
    np.testing.assert_allclose(model(past)[0].detach().numpy(), said * deviation + mean, rtol=1e-5, atol=1e-5)


def test_own_units_of_rows_with_padding_and_of_a_constant_past() -> None:
    model, lengths = build(own_units=True), torch.tensor([6, 2, 4, 1])
    past = torch.randn(4, 6, 1)
    noisy = past.clone()
    for row, length in enumerate(lengths.tolist()):
        noisy[row, length:] = 100 * torch.randn(6 - length, 1)
    alone = torch.cat([model(past[row : row + 1, :length])[0] for row, length in enumerate(lengths.tolist())])
    torch.testing.assert_close(model(noisy, None, None, lengths)[0], alone, rtol=0, atol=1e-5)
    assert torch.isfinite(model(torch.full((4, 6, 1), 2.0))[0]).all()


@pytest.mark.parametrize("own_units", [False, True])
def test_what_the_stack_is_given_leads_to_the_loss(own_units: bool) -> None:
    model = build(own_units)
    batch = Batch(5 + torch.randn(4, 6, 1), torch.randn(4, AHEAD))
    y_BTH, _ = model.stack(*model.reads(batch)[:2])
    torch.testing.assert_close(model.step_losses(y_BTH, batch).sum() / 4, model.loss(batch, None)[0])
