"""JANET against a loop in NumPy, and the bounds of its output."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.models.cells.janet import JANET
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


@pytest.mark.parametrize("beta", [0.0, 1.0])
def test_equations(beta: float, make_stack: MakeStack) -> None:
    stack = make_stack("janet", beta=beta)
    (cell,) = stack.layers()
    s = cell.symbols()
    weight = {letter: value.detach().numpy() for letter, value in s.items() if letter != "beta"}
    assert s["beta"] == beta
    x_BTD, c = np.random.default_rng(0).normal(size=(2, 9, 3)), np.full((2, 5), 0.2)
    output, state = stack(torch.from_numpy(x_BTD), ((torch.from_numpy(c),),))
    for t in range(9):
        forget, candidate = (
            x_BTD[:, t] @ weight[f"W_{gate}"].T + c @ weight[f"R_{gate}"].T + weight[f"b_{gate}"] for gate in "fg"
        )
        c = sigmoid(forget) * c + (1 - sigmoid(forget - beta)) * np.tanh(candidate)
        np.testing.assert_allclose(output[:, t].detach().numpy(), c, rtol=0, atol=1e-10)
    np.testing.assert_allclose(state[0][0].detach().numpy(), c, rtol=0, atol=1e-10)


@pytest.mark.parametrize("beta", [0.0, 1.0, 2.0])
def test_the_output_stays_below_exp_beta(beta: float, make_stack: MakeStack) -> None:
    """(1 - sigmoid(s - beta)) / (1 - sigmoid(s)) is at most exp(beta), which it nears where s is large."""
    stack = make_stack("janet", beta=beta)
    (cell,) = stack.layers()
    with torch.no_grad():
        cell.b_G.copy_(torch.tensor([4.0] * 5 + [20.0] * 5))  # forget slowly, and write +1
    output = stack(torch.randn(2, 2000, 3, dtype=torch.float64))[0].detach()
    assert output.abs().max() <= math.exp(beta)
    assert output.max() > 0.85 * math.exp(beta)


def test_biases_start_by_chrono_or_open() -> None:
    torch.manual_seed(0)
    times = JANET(JANET.Config(hidden_size=2000), 2).b_G[:2000].exp()
    assert times.min() >= 1 and times.max() <= 783 and abs(times.mean() / 392 - 1) < 0.05
    plain = JANET(JANET.Config(hidden_size=3, chrono_steps=None), 2)
    assert torch.equal(plain.b_G, torch.tensor([1.0] * 3 + [0.0] * 3))


def test_beta_is_not_negative() -> None:
    with pytest.raises(RequestError, match=r"^cell.beta = -1.0: it must be at least 0$"):
        JANET.Config(beta=-1.0)


def test_parameter_count() -> None:
    config = JANET.Config(hidden_size=5)
    assert JANET.parameter_count(config, 3) == 2 * (5 * 3 + 5 * 5 + 5)
    assert sum(parameter.numel() for parameter in JANET(config, 3).parameters()) == 2 * (5 * 3 + 5 * 5 + 5)
