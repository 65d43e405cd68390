"""Gradients against the lag: closed forms, finite differences, and what every cell adds to its input matrices."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnnlab.config import registry
from rnnlab.models.cells.base import Cell, Edit, State, Weights
from rnnlab.probes.base import Error
from rnnlab.probes.gradient_flow import GradientFlow, gradient_norms, input_gradients, input_matrices, single_matrix
from tests.probes.conftest import VECTORS, MakeModel, MakeSubject, with_cell

every_cell = pytest.mark.parametrize("name", registry.names("cell"))


class Linear(Cell):
    """A recurrence without any function around it.

    h_t = W_x x_t + W_h h_(t-1)
    """

    names = ("h",)
    step_weights = ("W_h_HH",)

    def __init__(self, config: Cell.Config, input_size: int, W_h_HH: Tensor) -> None:
        super().__init__(config, input_size)
        self.W_x_HD = self.input_weights(self.hidden_size)
        self.W_h_HH = nn.Parameter(W_h_HH)

    @classmethod
    def parameter_count(cls, config: Any, input_size: int) -> int:
        return int(config.hidden_size * (input_size + config.hidden_size))

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_x_HD)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH = edit("h", p_BG + state[0] @ w.W_h_HH.T)
        return h_BH, (h_BH,)


def linear(W_h_HH: Tensor) -> Linear:
    return Linear(Cell.Config(name="linear", hidden_size=len(W_h_HH)), 3, W_h_HH.float())


def decays(findings: Any) -> dict[str, dict[str, Any]]:
    """The rows of gradient_decay by quantity."""
    table = findings.tables["gradient_decay"]
    rows = [dict(zip(table, row, strict=True)) for row in zip(*table.values(), strict=True)]
    return {row["quantity"]: row for row in rows}


@pytest.mark.parametrize("radius", [0.9, 1.0, 1.1])
def test_a_scaled_orthogonal_matrix_gives_the_logarithm_of_its_radius(radius: float, look: MakeSubject) -> None:
    torch.manual_seed(1)
    model = with_cell(linear(radius * nn.init.orthogonal_(torch.empty(6, 6, dtype=torch.float64))))
    findings = GradientFlow().look(look(model, lags=100))
    row = decays(findings)["h"]
    assert row["rate"] == pytest.approx(math.log(radius), abs=1e-6)
    assert row["rate_low"] == pytest.approx(row["rate"], abs=1e-6)
    if radius == 0.9:
        assert row["half_life"] == pytest.approx(math.log(2) / -math.log(0.9), rel=1e-4)
        assert findings.figures["ratio_h"] == pytest.approx(100 * math.log10(0.9), rel=1e-5)
    if radius == 1.1:
        assert row["half_life"] == math.inf and findings.figures["rate_h"] > 0


@pytest.mark.parametrize("bias", [0.0, 1.0, 2.0, 3.0, 5.0])
def test_a_held_forget_gate_gives_its_half_life(bias: float, make_model: MakeModel, look: MakeSubject) -> None:
    """With all weights on h and x at 0 the cell is left alone with c, which each step multiplies with sigmoid(b)."""
    model = make_model("lstm")
    cell = next(model.stack.layers())
    with torch.no_grad():
        cell.W_GD.zero_()
        cell.R_GH.zero_()
        cell.b_G.zero_()
        cell.b_G.view(4, -1)[1].fill_(bias)
    row = decays(GradientFlow().look(look(model, lags=60)))["c"]
    forget = 1 / (1 + math.exp(-bias))
    assert row["half_life"] == pytest.approx(math.log(2) / -math.log(forget), rel=1e-4)
    assert row["lags"] == 60


@pytest.mark.parametrize(("name", "part"), [("lstm", "h"), ("lstm", "c"), ("gru", "h"), ("elman", "h")])
@pytest.mark.parametrize("error", list(Error))
def test_norms_are_those_of_finite_differences(
    name: str, part: str, error: Error, make_model: MakeModel, look: MakeSubject
) -> None:
    subject = look(make_model(name, stack={"depth": 2}), lags=5, error=error)
    found = gradient_norms(subject)["layer0", part]
    x_BTD, rows, size = subject.model.embedding(subject.batch.inputs), 3, 1e-5

    def losses(t: int, unit: int, by: float) -> np.ndarray:
        def edit(layer: int, at: int, named: str, value: Tensor) -> Tensor:
            here = layer == 0 and at == t and named == part
            return value + by * torch.eye(4, dtype=value.dtype)[unit] if here else value

        loss_BT = subject.model.step_losses(subject.model.stack.trace(x_BTD, edit=edit).output_BTH, subject.batch)
        return (loss_BT.sum(dim=1) if error is Error.every else loss_BT[:, -1]).detach().numpy()

    for lag in (0, 2, 5):
        slopes = [(losses(5 - lag, unit, size) - losses(5 - lag, unit, -size)) / (2 * size) for unit in range(4)]
        np.testing.assert_allclose(found[:, lag], np.linalg.norm(slopes, axis=0), rtol=1e-6, atol=1e-10)
    assert found.shape == (rows, 6)


@every_cell
def test_what_the_steps_add_is_the_gradient_of_the_input_matrices(
    name: str, make_model: MakeModel, look: MakeSubject
) -> None:
    """Summed over rows and steps it is what one pass backwards gives for the whole window."""
    subject = look(make_model(name), lags=6)
    cell = next(subject.model.stack.layers())
    names = input_matrices(cell)
    assert names, "every cell reads its input with a matrix"
    x_BTD = subject.trace.read(0)[0].detach()
    (g_BTG,) = subject.trace.gradients_of(subject.loss, [()])[1]
    chunks = list(input_gradients(cell, x_BTD.flatten(0, 1), g_BTG.flatten(0, 1)))
    total = {key: torch.cat([chunk[key] for chunk in chunks]).sum(dim=0) for key in names}
    wanted = torch.autograd.grad(subject.loss, [getattr(cell, key) for key in names])
    for key, gradient in zip(names, wanted, strict=True):
        torch.testing.assert_close(total[key], gradient, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("name", ["lstm", "elman", "gru"])
def test_the_short_way_to_the_norms_is_the_long_one(name: str, make_model: MakeModel, look: MakeSubject) -> None:
    subject = look(make_model(name), lags=6)
    cell = next(subject.model.stack.layers())
    x_BTD = subject.trace.read(0)[0].detach()
    assert single_matrix(cell, subject.model.stack.runners[0], x_BTD.flatten(0, 1)) == input_matrices(cell)[0]
    (g_BTG,) = subject.trace.gradients_of(subject.loss, [()])[1]
    chunks = list(input_gradients(cell, x_BTD.flatten(0, 1), g_BTG.flatten(0, 1)))
    long_way = torch.cat([gradient.flatten(1).norm(dim=1) for chunk in chunks for gradient in chunk.values()])
    found = gradient_norms(subject)["layer0", "input_matrix"]
    np.testing.assert_allclose(found[:, ::-1].ravel(), long_way.numpy(), rtol=1e-10)


def test_the_picture_is_the_gradient_of_the_first_row(make_model: MakeModel, look: MakeSubject) -> None:
    subject = look(make_model("lstm"), lags=6)
    table = GradientFlow().look(subject).tables["input_gradient"]
    x_TD = subject.trace.read(0)[0].detach()[0]
    g_TG = subject.trace.gradients_of(subject.loss, [()])[1][0][0]
    wanted_TUF = (g_TG[:, :, None] * x_TD[:, None]).unflatten(1, (4, 4)).norm(dim=1)
    for t, unit, feature, gradient in zip(*table.values(), strict=True):
        assert gradient == pytest.approx(float(wanted_TUF[t, unit, feature]), rel=1e-9)
    assert len(table["t"]) == 7 * 4 * 3


@pytest.mark.parametrize("bidirectional", [False, True])
def test_lags_are_counted_from_each_row_s_last_step(
    bidirectional: bool, make_model: MakeModel, look: MakeSubject
) -> None:
    """A row of five steps has no gradient six steps back; padding behind its end has none and is not looked at."""
    model = make_model("gru", spec=VECTORS, stack={"bidirectional": bidirectional})
    subject = look(model, spec=VECTORS, rows=6, lags=8)
    norms = gradient_norms(subject)
    assert {layer for layer, _ in norms} == set(model.stack.names)
    for norm_BL in norms.values():
        reached = (~np.isnan(norm_BL)).sum(axis=1)
        assert reached.tolist() == [9, 5, 7, 4, 9, 6]
        assert (norm_BL[:, 0] > 0).all()


def test_rows_do_not_mix(make_model: MakeModel, look: MakeSubject) -> None:
    many, few = (gradient_norms(look(make_model("lstm"), rows=rows)) for rows in (4, 4))
    subject = look(make_model("lstm"), rows=4)
    subject.batch.inputs[1:] = subject.batch.inputs[1:].flip(1)
    changed = gradient_norms(subject)
    for key in many:
        np.testing.assert_array_equal(many[key], few[key])
        np.testing.assert_allclose(changed[key][0], many[key][0], rtol=1e-12)
