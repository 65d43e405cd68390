"""The minimal GRU against a loop in NumPy, in both published forms and on both backends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.models.cells.mingru import MinGRU
from rnnlab.models.cells.minimal import Form
from rnnlab.models.stack import Stack

forms = pytest.mark.parametrize("form", list(Form), ids=lambda form: form.value)


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def candidate(a: np.ndarray, form: Form) -> np.ndarray:
    return np.where(a >= 0, a + 0.5, sigmoid(a)) if form is Form.positive else a


@forms
def test_equations(form: Form, check_step: Callable[..., None]) -> None:
    """Feng 2024, algorithms 1 and 2 (vanilla), and listing of appendix B (positive)."""

    def step(p: dict[str, Any], x_BD: np.ndarray, state: list[np.ndarray]) -> list[np.ndarray]:
        z = sigmoid(x_BD @ p["W_z"].T + p["b_z"])
        n = candidate(x_BD @ p["W_n"].T + p["b_n"], form)
        return [(1 - z) * state[0] + z * n]

    check_step("mingru", step, form=form)


@forms
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 2e-5)], ids=str)
def test_scan_is_the_loop(form: Form, dtype: torch.dtype, tolerance: float, make_stack: Callable[..., Stack]) -> None:
    """A hundred steps from a state of its own."""
    x_BTD, h_BH = torch.randn(2, 100, 3, dtype=dtype), torch.randn(2, 5, dtype=dtype)
    found = [
        make_stack("mingru", backend=backend, form=form, dtype=dtype)(x_BTD, ((h_BH,),)) for backend in ("scan", "loop")
    ]
    (scanned, (scanned_state,)), (looped, (looped_state,)) = found
    torch.testing.assert_close(scanned, looped, rtol=0, atol=tolerance)
    torch.testing.assert_close(scanned_state[0], looped_state[0], rtol=0, atol=tolerance)


def test_the_positive_form_never_goes_below_zero(make_stack: Callable[..., Stack]) -> None:
    y_BTH, _ = make_stack("mingru")(10 * torch.randn(2, 50, 3, dtype=torch.float64))
    assert (y_BTH > 0).all()


def test_parameter_count() -> None:
    """2 H (D + 1): no weights on the state."""
    assert MinGRU.parameter_count(MinGRU.Config(hidden_size=7), 3) == 2 * 7 * 4
    assert sum(p.numel() for p in MinGRU(MinGRU.Config(hidden_size=7), 3).parameters()) == 2 * 7 * 4
