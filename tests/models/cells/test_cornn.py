"""The coupled oscillators: both dampings, the energy bound of the paper, and the limits of its range."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.models.cells.cornn import CoRNN, Damping
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
every_damping = pytest.mark.parametrize("damping", list(Damping), ids=lambda damping: damping.value)
DT, GAMMA, EPSILON = 0.1, 0.7, 1.9


@every_damping
def test_equations(damping: Damping, check_step: Callable[..., None]) -> None:
    """Equation 3, where the damping takes the old velocity or the new one."""

    def step(s: dict[str, Any], x: np.ndarray, state: list[np.ndarray]) -> list[np.ndarray]:
        y, z = state
        force = np.tanh(y @ s["W_y"].T + z @ s["W_z"].T + x @ s["V"].T + s["b"]) - GAMMA * y
        undamped = z + DT * force
        z = undamped - DT * EPSILON * z if damping is Damping.explicit else undamped / (1 + DT * EPSILON)
        return [y + DT * z, z]

    check_step("cornn", step, dt=DT, gamma=GAMMA, epsilon=EPSILON, damping=damping)


@every_damping
@pytest.mark.parametrize("inputs", ["random", "constant", "resonant"])
def test_energy_is_bounded(damping: Damping, inputs: str, make_stack: MakeStack) -> None:
    """The paper's bound: gamma |y_n|^2 + |z_n|^2 <= m n dt, where dt <= (2 epsilon - 1) / (gamma + epsilon^2)."""
    gamma, epsilon, T = 2.0, 0.8, 10_000
    dt = (2 * epsilon - 1) / (gamma + epsilon**2)
    stack = make_stack("cornn", dt=dt, gamma=gamma, epsilon=epsilon, damping=damping)
    time_T = torch.arange(T, dtype=torch.float64)
    x_BTD = {
        "random": 30 * torch.randn(2, T, 3, dtype=torch.float64),
        "constant": torch.full((2, T, 3), 30.0, dtype=torch.float64),
        "resonant": 30 * torch.sin(gamma**0.5 * dt * time_T)[None, :, None].expand(2, T, 3),
    }[inputs]
    with torch.no_grad():
        traced = stack.trace(x_BTD)
        y_BTH, z_BTH = traced.stacked(0, "y"), traced.stacked(0, "z")
    energy_BT = gamma * y_BTH.pow(2).sum(dim=-1) + z_BTH.pow(2).sum(dim=-1)
    assert (energy_BT <= 5 * dt * (time_T + 1)).all()


def test_beyond_its_range_the_step_explodes(make_stack: MakeStack) -> None:
    """The bound is not idle: an explicit step that is too long for its damping leaves every limit."""
    stack = make_stack("cornn", dt=1.0, gamma=2.7, epsilon=4.7)
    with torch.no_grad():
        output, _ = stack(torch.randn(1, 100, 3, dtype=torch.float64))
    assert output.abs().max() > 1e6


def test_defaults_are_within_the_bound_s_range() -> None:
    config = CoRNN.Config()
    assert config.dt <= (2 * config.epsilon - 1) / (config.gamma + config.epsilon**2)


def test_start_and_parameter_count() -> None:
    torch.manual_seed(0)
    cell = CoRNN(CoRNN.Config(hidden_size=64), 16)
    bound = (16 + 2 * 64) ** -0.5
    for weight in (cell.W_y_HH, cell.W_z_HH, cell.b_H):
        assert weight.abs().max() <= bound
    assert cell.W_y_HH.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)
    wanted = 64 * 16 + 2 * 64 * 64 + 64
    assert CoRNN.parameter_count(cell.config, 16) == sum(p.numel() for p in cell.parameters()) == wanted


@pytest.mark.parametrize(("key", "value"), [("dt", 0.0), ("dt", 1.1), ("gamma", 0.0), ("epsilon", -1.0)])
def test_settings_out_of_range(key: str, value: float) -> None:
    with pytest.raises(RequestError, match=rf"cell\.{key} = "):
        CoRNN.Config(**{key: value})
