"""The layer-normalised LSTM against a loop in NumPy, and what normalisation makes of scale and shift."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnlab.models.cells.layer_norm_lstm import LayerNormLSTM
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def norm(a: np.ndarray) -> np.ndarray:
    """Over all that stands in a row: 4 H sums, or the H cells of the memory."""
    return (a - a.mean(axis=1, keepdims=True)) / np.sqrt(a.var(axis=1, keepdims=True) + 1e-5)


def test_equations(make_stack: MakeStack) -> None:
    """Ba, Kiros & Hinton 2016, equations 20 to 22; the four blocks are normalised together."""
    stack = make_stack("layer_norm_lstm")
    (cell,) = stack.layers()
    s = {letter: value.detach().numpy() for letter, value in cell.symbols().items()}
    x_BTD = np.random.default_rng(0).normal(size=(2, 9, 3))
    h, c = np.full((2, 5), 0.2), np.random.default_rng(1).normal(size=(2, 5))
    output, state = stack(torch.from_numpy(x_BTD), ((torch.from_numpy(h), torch.from_numpy(c)),))
    for t in range(9):
        sums = s["alpha_h"] * norm(h @ s["R"].T) + s["alpha_x"] * norm(x_BTD[:, t] @ s["W"].T) + s["b"]
        i, f, g, o = np.split(sums, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(s["alpha_c"] * norm(c) + s["beta_c"])
        np.testing.assert_allclose(output[:, t].detach().numpy(), h, rtol=0, atol=1e-10)
    np.testing.assert_allclose(state[0][1].detach().numpy(), c, rtol=0, atol=1e-10)


@pytest.mark.parametrize("weights", ["W_GD", "R_GH"])
def test_the_scale_of_either_matrix_does_not_matter(weights: str, make_stack: MakeStack) -> None:
    """Up to the 1e-5 under the root, beside which the products are made large."""
    stack = make_stack("layer_norm_lstm")
    (cell,) = stack.layers()
    x_BTD = torch.randn(2, 9, 3, dtype=torch.float64)
    state = (tuple(torch.randn(2, 5, dtype=torch.float64) for _ in cell.state_names),)
    with torch.no_grad():
        cell.W_GD.mul_(10)
        cell.R_GH.mul_(1000)
        before = stack(x_BTD, state)[0]
        getattr(cell, weights).mul_(7)
        after = stack(x_BTD, state)[0]
    torch.testing.assert_close(after, before, rtol=0, atol=1e-4)


def test_a_shift_of_all_sums_does_not_matter(make_stack: MakeStack) -> None:
    stack = make_stack("layer_norm_lstm")
    (cell,) = stack.layers()
    x_BTD = torch.randn(2, 9, 3, dtype=torch.float64)
    before = stack(x_BTD)[0]
    with torch.no_grad():
        cell.R_GH.add_(torch.randn(5, dtype=torch.float64))  # the same row added to every row
        cell.W_GD.add_(torch.randn(3, dtype=torch.float64))
    torch.testing.assert_close(stack(x_BTD)[0], before, rtol=0, atol=1e-9)


def test_gains_start_at_one_and_biases_at_zero_but_the_forget_gate_s() -> None:
    cell = LayerNormLSTM(LayerNormLSTM.Config(hidden_size=3), 2)
    assert all(bool((gain == 1).all()) for gain in (cell.alpha_x_G, cell.alpha_h_G, cell.alpha_c_H))
    assert not cell.beta_c_H.any()
    assert torch.equal(cell.b_G, torch.tensor([0.0] * 3 + [1.0] * 3 + [0.0] * 6))


def test_parameter_count() -> None:
    config = LayerNormLSTM.Config(hidden_size=5)
    lstm, gains, memory = 4 * 5 * (3 + 5 + 1), 2 * 4 * 5, 2 * 5
    assert LayerNormLSTM.parameter_count(config, 3) == lstm + gains + memory
    assert sum(parameter.numel() for parameter in LayerNormLSTM(config, 3).parameters()) == lstm + gains + memory
