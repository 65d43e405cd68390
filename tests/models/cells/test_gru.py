"""The GRU against a loop in NumPy and against torch.nn.GRU."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import nn

from rnnlab.models.stack import Stack

backends = pytest.mark.parametrize("backend", ["native", "loop"])


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


@backends
def test_equations(backend: str, make_stack: Callable[..., Stack]) -> None:
    """The reset gate comes after the product; the gates stand in the order r, z, n."""
    stack = make_stack("gru", backend=backend)
    W, R, b, b_m = (weight.detach().numpy() for weight in next(stack.layers()).parameters())
    x_BTD, h_BH = np.random.default_rng(0).normal(size=(2, 7, 3)), np.full((2, 5), 0.2)
    output, state = stack(torch.from_numpy(x_BTD), ((torch.from_numpy(h_BH),),))
    for t in range(7):
        p_r, p_z, p_n = np.split(x_BTD[:, t] @ W.T + b, 3, axis=1)
        m_r, m_z, m_n = np.split(h_BH @ R.T, 3, axis=1)
        r, z = sigmoid(p_r + m_r), sigmoid(p_z + m_z)
        n = np.tanh(p_n + r * (m_n + b_m))
        h_BH = (1 - z) * n + z * h_BH
        np.testing.assert_allclose(output[:, t].detach().numpy(), h_BH, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(state[0][0].detach().numpy(), h_BH, rtol=1e-12, atol=1e-13)


@backends
def test_torch_weights_give_torch_outputs(backend: str, make_stack: Callable[..., Stack]) -> None:
    """torch's two biases of r and z are only ever added; the second one of n stands inside the reset product."""
    theirs = nn.GRU(3, 5, num_layers=2, batch_first=True).double()
    stack = make_stack("gru", backend=backend, depth=2)
    with torch.no_grad():
        for layer, cell in enumerate(stack.layers()):
            b_i, b_h = (getattr(theirs, f"bias_{part}_l{layer}") for part in ("ih", "hh"))
            cell.W_GD.copy_(getattr(theirs, f"weight_ih_l{layer}"))
            cell.R_GH.copy_(getattr(theirs, f"weight_hh_l{layer}"))
            cell.b_G.copy_(torch.cat([b_i[:10] + b_h[:10], b_i[10:]]))
            cell.b_m_H.copy_(b_h[10:])
    x_BTD = torch.randn(2, 7, 3, dtype=torch.float64)
    wanted, h_LBH = theirs(x_BTD)
    output, state = stack(x_BTD)
    torch.testing.assert_close(output, wanted, rtol=0, atol=1e-13)
    torch.testing.assert_close(torch.stack([layer[0] for layer in state]), h_LBH, rtol=0, atol=1e-13)


def test_a_closed_update_gate_keeps_the_state(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("gru")
    h_BH = torch.randn(2, 5, dtype=torch.float64)
    traced = stack.trace(
        torch.randn(2, 20, 3, dtype=torch.float64),
        ((h_BH,),),
        edit=lambda layer, t, name, value: torch.ones_like(value) if name == "z" else value,
    )
    assert all(torch.equal(h, h_BH) for h in traced.values[0]["h"])
