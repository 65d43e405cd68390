"""The multiplicative LSTM against a loop in NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from rnnlab.models.cells.multiplicative_lstm import MultiplicativeLSTM
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def test_equations(make_stack: MakeStack) -> None:
    """Krause et al. 2016: the gates see m; no tanh on the candidate, and one around the gated memory."""
    stack = make_stack("multiplicative_lstm")
    (cell,) = stack.layers()
    s = {letter: value.detach().numpy() for letter, value in cell.symbols().items()}
    x_BTD = np.random.default_rng(0).normal(size=(2, 9, 3))
    h, c = np.full((2, 5), 0.2), np.full((2, 5), -0.4)
    output, state = stack(torch.from_numpy(x_BTD), ((torch.from_numpy(h), torch.from_numpy(c)),))
    for t in range(9):
        x = x_BTD[:, t]
        m = (x @ s["W_m"].T) * (h @ s["R_m"].T)
        i, f, g, o = (x @ s[f"W_{gate}"].T + m @ s[f"R_{gate}"].T + s[f"b_{gate}"] for gate in "ifgo")
        c = sigmoid(f) * c + sigmoid(i) * g
        h = np.tanh(c * sigmoid(o))
        np.testing.assert_allclose(output[:, t].detach().numpy(), h, rtol=0, atol=1e-10)
    np.testing.assert_allclose(state[0][1].detach().numpy(), c, rtol=0, atol=1e-10)


def test_each_input_has_a_recurrent_matrix_of_its_own(make_stack: MakeStack) -> None:
    """dm/dh is diag(W_m x) R_m: twice the input, twice the matrix; and no input, no recurrence."""
    stack = make_stack("multiplicative_lstm")
    (cell,) = stack.layers()
    h_BH = torch.randn(1, 5, dtype=torch.float64)
    x_BTD = torch.randn(1, 1, 3, dtype=torch.float64)

    def m(x_BTD: torch.Tensor) -> torch.Tensor:
        return stack.trace(x_BTD, ((h_BH, torch.zeros_like(h_BH)),)).values[0]["m"][0]

    torch.testing.assert_close(m(2 * x_BTD), 2 * m(x_BTD), rtol=0, atol=1e-14)
    assert not m(torch.zeros_like(x_BTD)).any()


def test_the_forget_gate_starts_open_and_the_weights_as_in_the_lstm() -> None:
    torch.manual_seed(0)
    cell = MultiplicativeLSTM(MultiplicativeLSTM.Config(hidden_size=64), 32)
    assert torch.equal(cell.b_4H, torch.tensor([0.0] * 64 + [1.0] * 64 + [0.0] * 128))
    assert cell.R_GH.abs().max() <= 1 / 8 and abs(cell.R_GH.var() * 3 * 64 - 1) < 0.05
    assert abs(cell.W_GD.var() * 32 - 1) < 0.05


def test_parameter_count() -> None:
    config = MultiplicativeLSTM.Config(hidden_size=5)
    lstm, between = 4 * 5 * (3 + 5 + 1), 5 * (3 + 5)
    assert MultiplicativeLSTM.parameter_count(config, 3) == lstm + between
    assert sum(parameter.numel() for parameter in MultiplicativeLSTM(config, 3).parameters()) == lstm + between
