"""The vanilla cell against a loop in NumPy and against torch.nn.RNN."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab.models.cells.base import InputStart
from rnnlab.models.cells.elman import Elman, Nonlinearity, RecurrentStart
from rnnlab.models.stack import Stack

nonlinearities = pytest.mark.parametrize("phi", list(Nonlinearity), ids=lambda phi: phi.value)
backends = pytest.mark.parametrize("backend", ["native", "loop"])


@nonlinearities
@backends
def test_equations(phi: Nonlinearity, backend: str, make_stack: Callable[..., Stack]) -> None:
    """h_t = phi(W_x x_t + W_h h_(t-1) + b)."""
    stack = make_stack("elman", nonlinearity=phi, backend=backend)
    W_x, W_h, b = (weight.detach().numpy() for weight in next(stack.layers()).parameters())
    x_BTD, h_BH = np.random.default_rng(0).normal(size=(2, 7, 3)), np.full((2, 5), 0.2)
    output, state = stack(torch.from_numpy(x_BTD), ((torch.from_numpy(h_BH),),))
    for t in range(7):
        a_BH = x_BTD[:, t] @ W_x.T + h_BH @ W_h.T + b
        h_BH = np.tanh(a_BH) if phi is Nonlinearity.tanh else np.maximum(a_BH, 0)
        np.testing.assert_allclose(output[:, t].detach().numpy(), h_BH, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(state[0][0].detach().numpy(), h_BH, rtol=1e-12, atol=1e-13)


@nonlinearities
@backends
def test_torch_weights_give_torch_outputs(phi: Nonlinearity, backend: str, make_stack: Callable[..., Stack]) -> None:
    theirs = nn.RNN(3, 5, num_layers=2, nonlinearity=phi.value, batch_first=True).double()
    stack = make_stack("elman", nonlinearity=phi, backend=backend, depth=2)
    with torch.no_grad():
        for layer, cell in enumerate(stack.layers()):
            cell.W_x_HD.copy_(getattr(theirs, f"weight_ih_l{layer}"))
            cell.W_h_HH.copy_(getattr(theirs, f"weight_hh_l{layer}"))
            cell.b_H.copy_(getattr(theirs, f"bias_ih_l{layer}") + getattr(theirs, f"bias_hh_l{layer}"))
    x_BTD = torch.randn(2, 7, 3, dtype=torch.float64)
    wanted, h_LBH = theirs(x_BTD)
    output, state = stack(x_BTD)
    torch.testing.assert_close(output, wanted, rtol=0, atol=1e-13)
    torch.testing.assert_close(torch.stack([layer[0] for layer in state]), h_LBH, rtol=0, atol=1e-13)


def test_identity_start() -> None:
    """Le, Jaitly & Hinton 2015: W_h = s I and b = 0."""
    config = Elman.Config(hidden_size=4, recurrent_start=RecurrentStart.identity, identity_scale=0.5)
    cell = Elman(config, 3)
    assert torch.equal(cell.W_h_HH, 0.5 * torch.eye(4))
    assert not cell.b_H.any()


@pytest.mark.parametrize("H", [1, 2, 33])
def test_orthogonal_start(H: int) -> None:
    cell = Elman(Elman.Config(hidden_size=H, recurrent_start=RecurrentStart.orthogonal), 3)
    torch.testing.assert_close(cell.W_h_HH @ cell.W_h_HH.T, torch.eye(H), rtol=0, atol=1e-5)
    assert not cell.b_H.any()


def test_positive_definite_start() -> None:
    """Talathi & Vartak 2016: symmetric, every eigenvalue in (0, 1], the largest one 1."""
    cell = Elman(Elman.Config(hidden_size=33, recurrent_start=RecurrentStart.positive_definite), 3)
    torch.testing.assert_close(cell.W_h_HH, cell.W_h_HH.T, rtol=0, atol=1e-6)
    eigenvalues = torch.linalg.eigvalsh(cell.W_h_HH)
    assert eigenvalues[0] > 0.1 and eigenvalues[-1].item() == pytest.approx(1, abs=1e-5)
    assert not cell.b_H.any()


def test_the_other_weights_start_alike_whatever_the_recurrent_start() -> None:
    inputs = []
    for start in RecurrentStart:
        torch.manual_seed(0)
        inputs.append(Elman(Elman.Config(hidden_size=5, recurrent_start=start), 3).W_x_HD)
    assert all(torch.equal(inputs[0], other) for other in inputs)


def test_uniform_start_is_within_torch_bounds() -> None:
    cell = Elman(Elman.Config(hidden_size=64, input_start=InputStart.torch), 32)
    for weight in cell.parameters():
        assert weight.abs().max() <= 1 / 8
    assert cell.W_h_HH.std().item() == pytest.approx(1 / 8 / 3**0.5, rel=0.05)
