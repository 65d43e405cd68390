"""The minimal LSTM against a loop in NumPy, in its published forms and on both backends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.models.cells.minimal import Form
from rnnlab.models.cells.minlstm import MinLSTM
from rnnlab.models.stack import Stack

forms = pytest.mark.parametrize("form", list(Form), ids=lambda form: form.value)
normalised_or_not = pytest.mark.parametrize("normalised", [True, False], ids=["normalised", "plain"])


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def candidate(a: np.ndarray, form: Form) -> np.ndarray:
    return np.where(a >= 0, a + 0.5, sigmoid(a)) if form is Form.positive else a


@forms
@normalised_or_not
def test_equations(form: Form, normalised: bool, check_step: Callable[..., None]) -> None:
    """Feng 2024, section 3.2: f' = f / (f + i), i' = i / (f + i), h_t = f' h_(t-1) + i' n_t."""

    def step(p: dict[str, Any], x_BD: np.ndarray, state: list[np.ndarray]) -> list[np.ndarray]:
        f = sigmoid(x_BD @ p["W_f"].T + p["b_f"])
        i = sigmoid(x_BD @ p["W_i"].T + p["b_i"])
        n = candidate(x_BD @ p["W_n"].T + p["b_n"], form)
        if normalised:
            f, i = f / (f + i), i / (f + i)
        return [f * state[0] + i * n]

    check_step("minlstm", step, form=form, normalised=normalised)


@forms
@normalised_or_not
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 2e-5)], ids=str)
def test_scan_is_the_loop(
    form: Form, normalised: bool, dtype: torch.dtype, tolerance: float, make_stack: Callable[..., Stack]
) -> None:
    """A hundred steps from a state of its own."""
    x_BTD, h_BH = torch.randn(2, 100, 3, dtype=dtype), torch.randn(2, 5, dtype=dtype)
    settings = {"form": form, "normalised": normalised, "dtype": dtype}
    found = [make_stack("minlstm", backend=backend, **settings)(x_BTD, ((h_BH,),)) for backend in ("scan", "loop")]
    (scanned, (scanned_state,)), (looped, (looped_state,)) = found
    torch.testing.assert_close(scanned, looped, rtol=0, atol=tolerance)
    torch.testing.assert_close(scanned_state[0], looped_state[0], rtol=0, atol=tolerance)


def test_normalised_gates_keep_the_state_within_its_candidates(make_stack: Callable[..., Stack]) -> None:
    """A weighted mean of candidates is never larger than the largest of them."""
    traced = make_stack("minlstm").trace(torch.randn(2, 200, 3, dtype=torch.float64))
    n_BTH, h_BTH = traced.stacked(0, "n"), traced.stacked(0, "h")
    assert (h_BTH <= n_BTH.cummax(dim=1).values + 1e-12).all()


def test_forget_bias_is_the_forget_gate_s_alone() -> None:
    cell = MinLSTM(MinLSTM.Config(hidden_size=4, forget_bias=1.5), 3)
    assert torch.equal(cell.b_G, torch.tensor([1.5] * 4 + [0.0] * 8))


def test_parameter_count() -> None:
    """3 H (D + 1): no weights on the state."""
    assert MinLSTM.parameter_count(MinLSTM.Config(hidden_size=7), 3) == 3 * 7 * 4
    assert sum(p.numel() for p in MinLSTM(MinLSTM.Config(hidden_size=7), 3).parameters()) == 3 * 7 * 4
