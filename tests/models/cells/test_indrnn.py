"""The independently recurrent network: its equation, its bound, and the independence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.models.cells.elman import Nonlinearity
from rnnlab.models.cells.indrnn import IndRNN
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]


@pytest.mark.parametrize("phi", list(Nonlinearity), ids=lambda phi: phi.value)
def test_equations(phi: Nonlinearity, check_step: Callable[..., None]) -> None:
    def step(s: dict[str, Any], x: np.ndarray, state: list[np.ndarray]) -> list[np.ndarray]:
        a = x @ s["W"].T + s["u"] * state[0] + s["b"]
        return [np.tanh(a) if phi is Nonlinearity.tanh else np.maximum(a, 0)]

    check_step("indrnn", step, nonlinearity=phi)


def test_no_unit_sees_another(make_stack: MakeStack) -> None:
    """d h_t / d h_0 is a diagonal, and for ReLU with open units it is u^t."""
    stack = make_stack("indrnn")
    cell = next(stack.layers())
    with torch.no_grad():
        cell.b_H.fill_(10.0)
        cell.u_H.copy_(torch.tensor([0.2, 0.4, 0.6, 0.8, 1.0]))
    x_BTD = torch.randn(1, 6, 3, dtype=torch.float64)

    def last(h_H: torch.Tensor) -> torch.Tensor:
        return stack(x_BTD, ((h_H[None],),))[0][0, -1]

    jacobian = torch.autograd.functional.jacobian(last, torch.rand(5, dtype=torch.float64))
    torch.testing.assert_close(jacobian, torch.diag(cell.u_H.detach() ** 6), rtol=1e-12, atol=0)


def test_recurrent_weights_act_within_the_bound() -> None:
    cell = IndRNN(IndRNN.Config(hidden_size=3, memory_steps=2), 3)
    with torch.no_grad():
        cell.u_H.copy_(torch.tensor([-3.0, 0.5, 3.0]))
    largest = 2**0.5
    torch.testing.assert_close(cell.weights().u_H, torch.tensor([-largest, 0.5, largest]))
    assert cell.symbols()["u"].tolist() == cell.weights().u_H.tolist()


def test_a_gradient_grows_to_two_at_most_over_the_memory(make_stack: MakeStack) -> None:
    stack = make_stack("indrnn", memory_steps=50)
    cell = next(stack.layers())
    with torch.no_grad():
        cell.u_H.fill_(9.0)
        cell.b_H.fill_(10.0)
    h_BH = torch.ones(1, 5, dtype=torch.float64, requires_grad=True)
    stack(torch.zeros(1, 50, 3, dtype=torch.float64), ((h_BH,),))[0][0, -1].sum().backward()
    torch.testing.assert_close(h_BH.grad, torch.full_like(h_BH, 2.0), rtol=1e-12, atol=0)


def test_start() -> None:
    torch.manual_seed(0)
    cell = IndRNN(IndRNN.Config(hidden_size=4000, memory_steps=8), 3)
    largest = 2 ** (1 / 8)
    assert cell.u_H.min() >= 0 and cell.u_H.max() <= largest
    assert cell.u_H.mean().item() == pytest.approx(largest / 2, rel=0.03)
    assert not cell.b_H.any()


def test_parameter_count() -> None:
    cell = IndRNN(IndRNN.Config(hidden_size=5), 3)
    assert IndRNN.parameter_count(cell.config, 3) == sum(p.numel() for p in cell.parameters()) == 5 * 3 + 5 + 5


def test_settings_out_of_range() -> None:
    with pytest.raises(RequestError, match=r"cell\.memory_steps = 0"):
        IndRNN.Config(memory_steps=0)
