"""The structurally constrained network: its equations, its limits, and how slowly its context changes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.models.cells.scrn import SCRN
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]


@pytest.mark.parametrize("alpha", [0.95, 0.0])
def test_equations(alpha: float, make_stack: MakeStack) -> None:
    """The output is U h + V s in the letters of the paper, whose h is the fast half of the state."""
    stack = make_stack("scrn", alpha=alpha, backend="loop")
    A, B, P, R, U, V = (weight.detach().numpy() for weight in next(stack.layers()).parameters())
    x_BTD = np.random.default_rng(0).normal(size=(2, 9, 3))
    h, s = np.full((2, 5), 0.2), np.full((2, 5), -0.4)
    output, (after,) = stack(torch.from_numpy(x_BTD), ((torch.from_numpy(h), torch.from_numpy(s)),))
    for t in range(9):
        s = (1 - alpha) * x_BTD[:, t] @ B.T + alpha * s
        h = 1 / (1 + np.exp(-(s @ P.T + x_BTD[:, t] @ A.T + h @ R.T)))
        np.testing.assert_allclose(output[:, t].detach().numpy(), h @ U.T + s @ V.T, rtol=0, atol=1e-10)
    for ours, theirs in zip(after, (h, s), strict=True):
        np.testing.assert_allclose(ours.detach().numpy(), theirs, rtol=0, atol=1e-10)


def test_the_context_is_a_running_mean_that_the_hidden_units_do_not_reach(make_stack: MakeStack) -> None:
    """Without input it falls by alpha at each step, whatever the fast half does."""
    s_BH = torch.randn(2, 5, dtype=torch.float64)
    traced = make_stack("scrn").trace(torch.zeros(2, 60, 3, dtype=torch.float64), ((torch.rand_like(s_BH), s_BH),))
    torch.testing.assert_close(traced.state[0][1], 0.95**60 * s_BH, rtol=1e-12, atol=0)


def test_start_and_parameter_count() -> None:
    torch.manual_seed(0)
    cell = SCRN(SCRN.Config(hidden_size=64), 16)
    for weight in (cell.P_HH, cell.R_HH, cell.U_HH, cell.V_HH):
        assert weight.abs().max() <= 1 / 8
        assert weight.std().item() == pytest.approx(1 / 8 / 3**0.5, rel=0.05)
    wanted = 2 * 64 * 16 + 4 * 64 * 64
    assert SCRN.parameter_count(cell.config, 16) == sum(p.numel() for p in cell.parameters()) == wanted


@pytest.mark.parametrize("alpha", [-0.1, 1.0, float("nan")])
def test_settings_out_of_range(alpha: float) -> None:
    with pytest.raises(RequestError, match=r"cell\.alpha = "):
        SCRN.Config(alpha=alpha)
