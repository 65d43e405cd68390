"""The cells whose recurrent matrix comes from a skew-symmetric one: expRNN and the antisymmetric networks."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from scipy.linalg import expm

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.cells.antisymmetric import Antisymmetric
from rnnlab.models.cells.exprnn import ExpRNN, SkewStart
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
Letters = dict[str, Any]
Array = np.ndarray


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def exprnn(s: Letters, x: Array, state: list[Array]) -> list[Array]:
    a = x @ s["W"].T + state[0] @ expm(s["A"] - s["A"].T).T
    size = np.abs(a) + s["b"]
    return [np.where(size > 0, np.sign(a) * size, 0.0)]


def antisymmetric(s: Letters, x: Array, state: list[Array]) -> list[Array]:
    (h,) = state
    m = h @ (s["A"] - s["A"].T - 0.3 * np.eye(5)).T
    return [h + 0.2 * np.tanh(m + x @ s["V_h"].T + s["b_h"])]


def gated_antisymmetric(s: Letters, x: Array, state: list[Array]) -> list[Array]:
    (h,) = state
    m = h @ (s["A"] - s["A"].T - 0.3 * np.eye(5)).T
    return [h + 0.2 * sigmoid(m + x @ s["V_z"].T + s["b_z"]) * np.tanh(m + x @ s["V_h"].T + s["b_h"])]


STEPS = {step.__name__: step for step in (exprnn, antisymmetric, gated_antisymmetric)}
SETTINGS = {"exprnn": {}, "antisymmetric": {"epsilon": 0.2, "gamma": 0.3}}
SETTINGS["gated_antisymmetric"] = SETTINGS["antisymmetric"]
every_cell = pytest.mark.parametrize("name", STEPS)
every_size = pytest.mark.parametrize("H", [1, 2, 5, 8])


@every_cell
def test_equations(name: str, check_step: Callable[..., None]) -> None:
    check_step(name, STEPS[name], **SETTINGS[name])


@every_cell
@every_size
def test_parameter_count(name: str, H: int) -> None:
    cell_class = registry.component("cell", name)
    cell = cell_class(cell_class.Config(hidden_size=H), 3)
    wanted = H * (H - 1) // 2 + {"exprnn": 1, "antisymmetric": 1, "gated_antisymmetric": 2}[name] * H * (3 + 1)
    assert cell_class.parameter_count(cell.config, 3) == sum(p.numel() for p in cell.parameters()) == wanted


@every_cell
@every_size
def test_the_matrix_has_its_numbers_above_the_diagonal(name: str, H: int, make_stack: MakeStack) -> None:
    cell = next(make_stack(name, hidden_size=H).layers())
    above = cell.above()
    assert torch.equal(above, above.triu(diagonal=1))
    assert torch.equal(above[torch.triu(torch.ones(H, H), diagonal=1).bool()], cell.A_N)
    assert torch.equal(cell.skew(), -cell.skew().T)


@every_size
def test_exponential_is_a_rotation(H: int, make_stack: MakeStack) -> None:
    cell = next(make_stack("exprnn", hidden_size=H).layers())
    Q_HH = cell.weights().Q_HH
    torch.testing.assert_close(Q_HH @ Q_HH.T, torch.eye(H, dtype=torch.float64), rtol=0, atol=1e-12)
    assert torch.linalg.det(Q_HH).item() == pytest.approx(1, abs=1e-12)


def test_norms_are_preserved(make_stack: MakeStack) -> None:
    """With b = 0 modReLU is the identity: without input, a state only turns, in 10,000 steps too."""
    stack = make_stack("exprnn")
    cell = next(stack.layers())
    with torch.no_grad():
        cell.b_H.zero_()
        h_BH = torch.randn(2, 5, dtype=torch.float64)
        output, _ = stack(torch.zeros(2, 10_000, 3, dtype=torch.float64), ((h_BH,),))
    norms = output.norm(dim=-1)
    torch.testing.assert_close(norms, h_BH.norm(dim=-1)[:, None].expand_as(norms), rtol=1e-11, atol=0)
    assert (output[:, 0] - h_BH).abs().max() > 0.1


def test_gradients_neither_vanish_nor_explode(make_stack: MakeStack) -> None:
    stack = make_stack("exprnn")
    with torch.no_grad():
        next(stack.layers()).b_H.zero_()
    h_BH = torch.randn(1, 5, dtype=torch.float64, requires_grad=True)
    stack(torch.randn(1, 500, 3, dtype=torch.float64), ((h_BH,),))[0][0, -1, 0].backward()
    assert h_BH.grad.norm().item() == pytest.approx(1, rel=1e-11)


@pytest.mark.parametrize("start", list(SkewStart), ids=lambda start: start.value)
def test_rotations_start_in_pairs_of_units(start: SkewStart) -> None:
    torch.manual_seed(0)
    cell = ExpRNN(ExpRNN.Config(hidden_size=401, skew_start=start), 3)
    A_HH = cell.above().detach()
    s = A_HH[range(0, 400, 2), range(1, 401, 2)]
    assert A_HH.count_nonzero() == s.count_nonzero() == 200
    if start is SkewStart.henaff:
        assert s.abs().max() <= math.pi and s.std().item() == pytest.approx(math.pi / 3**0.5, rel=0.1)
    else:  # tan(t / 2), which is sqrt((1 - cos t) / (1 + cos t))
        angles = 2 * torch.atan(-s)
        assert angles.min() >= 0 and angles.max() <= math.pi / 2
        assert angles.mean().item() == pytest.approx(math.pi / 4, rel=0.1)
    assert cell.b_H.abs().max() <= 0.01


def test_spectrum_of_the_antisymmetric_matrix(make_stack: MakeStack) -> None:
    """Every eigenvalue has the real part -gamma, whatever A is."""
    cell = next(make_stack("antisymmetric", gamma=0.3).layers())
    spectrum = torch.linalg.eigvals(cell.weights().M_HH)
    torch.testing.assert_close(spectrum.real, torch.full((5,), -0.3, dtype=torch.float64), rtol=0, atol=1e-12)
    assert spectrum.imag.abs().max() > 0.1


@pytest.mark.parametrize("name", ["antisymmetric", "gated_antisymmetric"])
def test_no_step_is_longer_than_epsilon(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, epsilon=0.2)
    with torch.no_grad():
        output, _ = stack(3 * torch.randn(2, 10_000, 3, dtype=torch.float64))
    assert output.diff(dim=1).abs().max() <= 0.2 * (1 + 1e-12)


def test_antisymmetric_start() -> None:
    torch.manual_seed(0)
    cell = Antisymmetric(Antisymmetric.Config(hidden_size=100, recurrent_scale=4.0), 3)
    assert cell.A_N.std().item() == pytest.approx(4 / 10, rel=0.05)
    assert not cell.b_G.any()


@pytest.mark.parametrize(("key", "value"), [("epsilon", 0.0), ("epsilon", 1.5), ("gamma", -0.1), ("gamma", 2.0)])
def test_settings_out_of_range(key: str, value: float) -> None:
    with pytest.raises(RequestError, match=rf"cell\.{key} = "):
        Antisymmetric.Config(**{key: value})
