"""The real-gated linear recurrent unit against a loop in NumPy, and its start against the paper."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.models.cells.rglru import RGLRU
from rnnlab.models.stack import Stack


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def test_equations(check_step: Callable[..., None]) -> None:
    """De 2024, eq. 1 to 4: the decay is sigmoid(Lambda)^(8 r)."""

    def step(p: dict[str, Any], x_BD: np.ndarray, state: list[np.ndarray]) -> list[np.ndarray]:
        u = x_BD @ p["W"].T + p["b"]
        r = sigmoid(u @ p["R_r"].T + p["b_r"])
        i = sigmoid(u @ p["R_i"].T + p["b_i"])
        a = sigmoid(p["Lambda"]) ** (8 * r)
        return [a * state[0] + np.sqrt(1 - a**2) * (i * u)]

    check_step("rglru", step)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 2e-5)], ids=str)
def test_scan_is_the_loop(dtype: torch.dtype, tolerance: float, make_stack: Callable[..., Stack]) -> None:
    """A hundred steps from a state of its own."""
    x_BTD, h_BH = torch.randn(2, 100, 3, dtype=dtype), torch.randn(2, 5, dtype=dtype)
    found = [make_stack("rglru", backend=backend, dtype=dtype)(x_BTD, ((h_BH,),)) for backend in ("scan", "loop")]
    (scanned, (scanned_state,)), (looped, (looped_state,)) = found
    torch.testing.assert_close(scanned, looped, rtol=0, atol=tolerance)
    torch.testing.assert_close(scanned_state[0], looped_state[0], rtol=0, atol=tolerance)


def test_decays_start_in_their_range() -> None:
    torch.manual_seed(0)
    cell = RGLRU(RGLRU.Config(hidden_size=2000), 3)
    decay_H = torch.sigmoid(cell.Lambda_H.detach().double()) ** 8
    assert decay_H.min() >= 0.9 - 1e-5 and decay_H.max() <= 0.999 + 1e-5
    assert decay_H.mean().item() == pytest.approx((0.9 + 0.999) / 2, abs=3e-3)


def test_a_closed_recurrence_gate_has_finite_gradients() -> None:
    """r = 0 gives a = 1, where the derivative of sqrt(1 - a^2) is infinite."""
    cell = RGLRU(RGLRU.Config(hidden_size=4), 3)
    with torch.no_grad():
        cell.b_G[:4] = -200.0
    cell.scan(torch.randn(2, 20, 3), cell.initial_state(2), cell.weights())[0].sum().backward()
    assert all(torch.isfinite(parameter.grad).all() for parameter in cell.parameters())


@pytest.mark.parametrize("settings", [{"decay_min": 0.0}, {"decay_max": 1.0}, {"decay_min": 0.9, "decay_max": 0.8}])
def test_ranges_that_are_none(settings: dict[str, float]) -> None:
    with pytest.raises(RequestError, match=r"cell\.decay_(min|max) = "):
        RGLRU.Config(**settings)


def test_parameter_count() -> None:
    """W, b, two gates of H (H + 1), Lambda."""
    assert RGLRU.parameter_count(RGLRU.Config(hidden_size=7), 3) == 7 * 4 + 2 * 7 * 8 + 7
    assert sum(p.numel() for p in RGLRU(RGLRU.Config(hidden_size=7), 3).parameters()) == 147
