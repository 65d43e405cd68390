"""Long expressive memory: its equations, its bound, and its two time scales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.models.cells.lem import LEM
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


@pytest.mark.parametrize("dt", [1.0, 0.3])
def test_equations(dt: float, check_step: Callable[..., None]) -> None:
    """Equation 3: z is stepped first, and y sees the new z."""

    def step(s: dict[str, Any], x: np.ndarray, state: list[np.ndarray]) -> list[np.ndarray]:
        y, z = state
        of_z = dt * sigmoid(y @ s["W_d"].T + x @ s["V_d"].T + s["b_d"])
        of_y = dt * sigmoid(y @ s["W_e"].T + x @ s["V_e"].T + s["b_e"])
        z = (1 - of_z) * z + of_z * np.tanh(y @ s["W_m"].T + x @ s["V_m"].T + s["b_m"])
        y = (1 - of_y) * y + of_y * np.tanh(z @ s["W_n"].T + x @ s["V_n"].T + s["b_n"])
        return [y, z]

    check_step("lem", step, dt=dt)


def test_the_state_stays_within_one(make_stack: MakeStack) -> None:
    stack = make_stack("lem")
    with torch.no_grad():
        traced = stack.trace(10 * torch.randn(2, 10_000, 3, dtype=torch.float64))
        assert max(traced.stacked(0, name).abs().max().item() for name in ("y", "z")) <= 1


def test_a_time_step_of_zero_keeps_its_state(make_stack: MakeStack) -> None:
    y_BH, z_BH = torch.randn(2, 2, 5, dtype=torch.float64)
    traced = make_stack("lem").trace(
        torch.randn(2, 9, 3, dtype=torch.float64),
        ((y_BH, z_BH),),
        edit=lambda layer, t, name, value: torch.zeros_like(value) if name == "d" else value,
    )
    assert all(torch.equal(z, z_BH) for z in traced.values[0]["z"])
    assert (traced.output_BTH[:, -1] - y_BH).abs().max() > 0.1


def test_start_and_parameter_count() -> None:
    torch.manual_seed(0)
    cell = LEM(LEM.Config(hidden_size=64), 16)
    for weight in (cell.W_GH, cell.b_G):
        assert weight.abs().max() <= 1 / 8
    assert cell.W_GH.std().item() == pytest.approx(1 / 8 / 3**0.5, rel=0.05)
    wanted = 4 * (64 * 16 + 64 * 64 + 64)
    assert LEM.parameter_count(cell.config, 16) == sum(p.numel() for p in cell.parameters()) == wanted


@pytest.mark.parametrize("dt", [0.0, -1.0, 1.5, float("nan")])
def test_settings_out_of_range(dt: float) -> None:
    with pytest.raises(RequestError, match=r"cell\.dt = "):
        LEM.Config(dt=dt)
