"""Jacobians of a step, and what their products do: against torch's own, and linear maps."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.models.cells.base import unedited
from rnnlab.probes.base import CannotAnswer
from rnnlab.probes.jacobian import BUDGET, FEWEST_STEPS, Jacobian, extent, lyapunov, singular_values, step_jacobians
from tests.probes.conftest import MakeModel, MakeSubject, with_cell
from tests.probes.test_gradient_flow import linear

every_cell = pytest.mark.parametrize("name", registry.names("cell"))


@every_cell
@pytest.mark.parametrize("zoneout", [0.0, 0.2])
def test_the_jacobian_of_a_step_is_torch_s(name: str, zoneout: float, make_model: MakeModel) -> None:
    runner = make_model(name, stack={"zoneout": zoneout}).double().eval().stack.runners[0]
    torch.manual_seed(2)
    size = 4 * len(runner.cell.state_names if zoneout else runner.state_names)
    p_NG = runner.project(torch.randn(2, 1, 3, dtype=torch.float64))[:, 0].detach()
    state_NS = torch.randn(2, size, dtype=torch.float64).abs()  # a normaliser among the states is above 0
    found = step_jacobians(runner, p_NG, state_NS, runner.weights())
    for row in range(2):

        def step(state_S: Tensor, row: int = row) -> Tensor:
            state = tuple(state_S[None].split(4, dim=-1))
            return torch.cat(runner.step(p_NG[row : row + 1], state, runner.weights(), unedited)[1], dim=-1)[0]

        wanted = torch.autograd.functional.jacobian(step, state_NS[row])
        torch.testing.assert_close(found[row], wanted, rtol=1e-10, atol=1e-12)


def with_eigenvalues(values: list[float]) -> Tensor:
    """A matrix that is not normal, with these eigenvalues."""
    torch.manual_seed(3)
    size = len(values)
    basis = torch.eye(size, dtype=torch.float64) + 0.3 * torch.randn(size, size, dtype=torch.float64)
    return basis @ torch.diag(torch.tensor(values, dtype=torch.float64)) @ torch.linalg.inv(basis)


def test_exponents_of_a_linear_map_are_the_logarithms_of_its_eigenvalues() -> None:
    values = [1.3, -0.9, 0.5, 0.2]
    found = lyapunov(with_eigenvalues(values).expand(2, 120, 4, 4))
    wanted = np.log(np.abs(values))
    for row in found.numpy():
        np.testing.assert_allclose(row, wanted, atol=1e-6)


def test_exponents_of_a_rotation_are_those_of_its_radius() -> None:
    """A pair of complex eigenvalues: both exponents are the logarithm of their modulus."""
    turn = 0.8 * torch.tensor([[np.cos(0.7), -np.sin(0.7)], [np.sin(0.7), np.cos(0.7)]], dtype=torch.float64)
    np.testing.assert_allclose(lyapunov(turn.expand(1, 40, 2, 2))[0].numpy(), np.log([0.8, 0.8]), atol=1e-12)


def test_a_linear_cell(look: MakeSubject) -> None:
    W_HH = with_eigenvalues([0.95, -0.7, 0.4])
    findings = Jacobian().look(look(with_cell(linear(W_HH)), lags=60))
    table = findings.tables["jacobian_lyapunov"]
    np.testing.assert_allclose(table["exponent"], np.log([0.95, 0.7, 0.4]), atol=1e-5)
    assert findings.figures["lyapunov"] == pytest.approx(np.log(0.95), abs=1e-5)
    assert findings.figures["radius"] == pytest.approx(0.95, abs=1e-5)
    values = findings.tables["jacobian_singular_values"]
    W = W_HH.float().double().numpy()
    for lag in (1, 2, 8):
        wanted = np.log10(np.linalg.svd(np.linalg.matrix_power(W, lag), compute_uv=False))
        found = [value for value, at in zip(values["log10_value"], values["lag"], strict=True) if at == lag]
        np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_a_product_goes_through_the_whole_state(make_model: MakeModel) -> None:
    """d h_T / d h_(T-2) of an LSTM has the way through c in it: a block of the product, no product of blocks."""
    cell = next(make_model("lstm").stack.layers())
    torch.manual_seed(4)
    J_BTSS = torch.randn(1, 2, 8, 8, dtype=torch.float64)
    block = (J_BTSS[0, 1] @ J_BTSS[0, 0])[:4, :4]
    found = [value for lag, _, value in singular_values(J_BTSS, cell) if lag == 2]
    np.testing.assert_allclose(found, torch.linalg.svdvals(block).log10().numpy(), rtol=1e-10)


def test_radii_are_named_by_gates(make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("lstm")
    table = Jacobian().look(look(model)).tables["jacobian_radius"]
    assert table["block"] == ["i", "f", "g", "o"] and set(table["weight"]) == {"R_GH"}
    R_GH = next(model.stack.layers()).R_GH.detach().double().numpy()
    wanted = [np.abs(np.linalg.eigvals(block)).max() for block in np.split(R_GH, 4)]
    np.testing.assert_allclose(table["radius"], wanted, rtol=1e-6)


@pytest.mark.parametrize("size", [4, 64, 128, 256, 512])
def test_the_cost_is_bounded(size: int) -> None:
    rows, steps = extent(8, 201, size)
    assert 1 <= rows <= 8 and min(FEWEST_STEPS, 201) <= steps <= 201
    assert rows * steps * size**3 <= max(BUDGET, FEWEST_STEPS * size**3)


def test_a_state_that_is_too_large_is_refused(make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("lstm", hidden_size=600)
    with pytest.raises(CannotAnswer, match=r"jacobian with cell=lstm: a layer's state has 1200 numbers, 512 at most"):
        Jacobian().asked(model, look(make_model("lstm")).source)
