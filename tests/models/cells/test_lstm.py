"""The LSTM against a loop in NumPy and against torch.nn.LSTM."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab.models.cells.lstm import LSTM
from rnnlab.models.stack import Stack

backends = pytest.mark.parametrize("backend", ["native", "loop"])


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


@backends
def test_equations(backend: str, make_stack: Callable[..., Stack]) -> None:
    """c_t = f c_(t-1) + i g;  h_t = o tanh(c_t); the gates stand in the order i, f, g, o."""
    stack = make_stack("lstm", backend=backend)
    W, R, b = (weight.detach().numpy() for weight in next(stack.layers()).parameters())
    x_BTD = np.random.default_rng(0).normal(size=(2, 7, 3))
    h_BH, c_BH = np.full((2, 5), 0.2), np.full((2, 5), -0.4)
    output, state = stack(torch.from_numpy(x_BTD), ((torch.from_numpy(h_BH), torch.from_numpy(c_BH)),))
    for t in range(7):
        gate = {
            name: x_BTD[:, t] @ W[rows].T + h_BH @ R[rows].T + b[rows]
            for name, rows in (("i", slice(0, 5)), ("f", slice(5, 10)), ("g", slice(10, 15)), ("o", slice(15, 20)))
        }
        c_BH = sigmoid(gate["f"]) * c_BH + sigmoid(gate["i"]) * np.tanh(gate["g"])
        h_BH = sigmoid(gate["o"]) * np.tanh(c_BH)
        np.testing.assert_allclose(output[:, t].detach().numpy(), h_BH, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(state[0][0].detach().numpy(), h_BH, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(state[0][1].detach().numpy(), c_BH, rtol=1e-12, atol=1e-13)


@backends
def test_torch_weights_give_torch_outputs(backend: str, make_stack: Callable[..., Stack]) -> None:
    theirs = nn.LSTM(3, 5, num_layers=2, batch_first=True).double()
    stack = make_stack("lstm", backend=backend, depth=2)
    with torch.no_grad():
        for layer, cell in enumerate(stack.layers()):
            cell.W_GD.copy_(getattr(theirs, f"weight_ih_l{layer}"))
            cell.R_GH.copy_(getattr(theirs, f"weight_hh_l{layer}"))
            cell.b_G.copy_(getattr(theirs, f"bias_ih_l{layer}") + getattr(theirs, f"bias_hh_l{layer}"))
    x_BTD = torch.randn(2, 7, 3, dtype=torch.float64)
    wanted, (h_LBH, c_LBH) = theirs(x_BTD)
    output, state = stack(x_BTD)
    torch.testing.assert_close(output, wanted, rtol=0, atol=1e-13)
    torch.testing.assert_close(torch.stack([layer[0] for layer in state]), h_LBH, rtol=0, atol=1e-13)
    torch.testing.assert_close(torch.stack([layer[1] for layer in state]), c_LBH, rtol=0, atol=1e-13)


def test_forget_bias_is_the_forget_gate_s_alone() -> None:
    cell = LSTM(LSTM.Config(hidden_size=4, forget_bias=1.5), 3)
    assert torch.equal(cell.b_G, torch.tensor([0.0] * 4 + [1.5] * 4 + [0.0] * 8))


def test_an_open_forget_gate_keeps_the_cell(make_stack: Callable[..., Stack]) -> None:
    """With f = 1 and i = 0 at every step, c stays what it was, whatever is read."""
    stack = make_stack("lstm")
    clamp = {"f": 1.0, "i": 0.0}
    c_BH = torch.randn(2, 5, dtype=torch.float64)
    traced = stack.trace(
        torch.randn(2, 50, 3, dtype=torch.float64),
        ((torch.zeros_like(c_BH), c_BH),),
        edit=lambda layer, t, name, value: torch.full_like(value, clamp[name]) if name in clamp else value,
    )
    assert all(torch.equal(c, c_BH) for c in traced.values[0]["c"])
