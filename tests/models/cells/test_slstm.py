"""The sLSTM against the paper's form without a stabiliser, over long sequences, and with heads."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.models.cells.slstm import SLSTM, ForgetGate
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
every_forget_gate = pytest.mark.parametrize("forget_gate", list(ForgetGate), ids=lambda gate: gate.value)


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


@every_forget_gate
@pytest.mark.parametrize("heads", [1, 2, 6])
def test_the_stabiliser_changes_nothing_but_the_scale(
    forget_gate: ForgetGate, heads: int, make_stack: MakeStack
) -> None:
    """Equations 8 to 14 of Beck et al. 2024: gates as they are, c and n as large as they become."""
    stack = make_stack("slstm", hidden_size=6, forget_gate=forget_gate, heads=heads)
    (cell,) = stack.layers()
    s = {letter: value.detach().numpy() for letter, value in cell.symbols().items() if letter != "phi"}
    x_BTD = np.random.default_rng(0).normal(size=(2, 12, 3))
    output, state = stack(torch.from_numpy(x_BTD))
    h = c = n = np.zeros((2, 6))
    phi = sigmoid if forget_gate is ForgetGate.sigmoid else np.exp
    for t in range(12):
        z, i, f, o = (x_BTD[:, t] @ s[f"W_{gate}"].T + h @ s[f"R_{gate}"].T + s[f"b_{gate}"] for gate in "zifo")
        c = phi(f) * c + np.exp(i) * np.tanh(z)
        n = phi(f) * n + np.exp(i)
        h = sigmoid(o) * c / n
        np.testing.assert_allclose(output[:, t].detach().numpy(), h, rtol=0, atol=1e-10)
    _, c_BH, n_BH, m_BH = (part.detach().numpy() for part in state[0])
    np.testing.assert_allclose(c_BH * np.exp(m_BH), c, rtol=1e-10)
    np.testing.assert_allclose(n_BH * np.exp(m_BH), n, rtol=1e-10)


@every_forget_gate
@pytest.mark.parametrize("scale", [1.0, 30.0])
def test_10000_steps_stay_finite(forget_gate: ForgetGate, scale: float, make_stack: MakeStack) -> None:
    """In float32, where exp overflows at 89: without the stabiliser the first loud input would be the end."""
    stack = make_stack("slstm", hidden_size=4, forget_gate=forget_gate, dtype=torch.float32)
    (cell,) = stack.layers()
    with torch.no_grad():
        cell.b_G[8:12] = 5.0  # a forget gate that keeps, and with exp lets n grow by exp(5) a step
        output, state = stack(scale * torch.randn(2, 10_000, 3))
    assert output.isfinite().all() and output.abs().max() <= 1
    assert all(part.isfinite().all() for part in state[0])


@every_forget_gate
def test_one_of_the_two_gates_is_fully_open(forget_gate: ForgetGate, make_stack: MakeStack) -> None:
    traced = make_stack("slstm", forget_gate=forget_gate).trace(torch.randn(2, 50, 3, dtype=torch.float64)).values[0]
    for i_BH, f_BH in zip(traced["i"], traced["f"], strict=True):
        torch.testing.assert_close(torch.maximum(i_BH, f_BH), torch.ones_like(i_BH), rtol=0, atol=1e-14)


def test_heads_see_themselves_only(make_stack: MakeStack) -> None:
    stack = make_stack("slstm", hidden_size=6, heads=2)
    (cell,) = stack.layers()
    x_BTD = torch.randn(1, 2, 3, dtype=torch.float64)
    h_BH = torch.zeros(1, 6, dtype=torch.float64, requires_grad=True)
    rest = tuple(torch.ones(1, 6, dtype=torch.float64) for _ in range(3))
    output = stack(x_BTD, ((h_BH, *rest),))[0]
    (gradient,) = torch.autograd.grad(output[0, -1, :3].sum(), h_BH)
    assert gradient[0, :3].abs().min() > 0 and not gradient[0, 3:].any()


def test_start_of_the_published_code() -> None:
    cell = SLSTM(SLSTM.Config(hidden_size=8, heads=2), 3)
    b_z, b_i, b_f, b_o = cell.b_G.chunk(4)
    assert not cell.R_GK.any() and not torch.cat([b_z, b_i, b_o]).any()
    assert torch.equal(b_f[:4], b_f[4:]), "each head has the whole range"
    torch.testing.assert_close(b_f[:4], torch.tensor([5 - 12 * (k / 3) ** 0.3 for k in range(4)]))
    assert SLSTM(SLSTM.Config(hidden_size=2, heads=2), 3).b_G[4:6].tolist() == [5, 5], "a head of one unit keeps"


@pytest.mark.parametrize("heads", [0, -1, 3, 16])
def test_heads_divide_the_units(heads: int) -> None:
    with pytest.raises(RequestError, match=rf"^cell.heads = {heads}: it must divide cell.hidden_size = 8$"):
        SLSTM.Config(hidden_size=8, heads=heads)


@pytest.mark.parametrize("heads", [1, 2, 4])
def test_parameter_count(heads: int) -> None:
    config = SLSTM.Config(hidden_size=8, heads=heads)
    wanted = 4 * (8 * 3 + heads * (8 // heads) ** 2 + 8)
    assert SLSTM.parameter_count(config, 3) == wanted
    assert sum(parameter.numel() for parameter in SLSTM(config, 3).parameters()) == wanted
