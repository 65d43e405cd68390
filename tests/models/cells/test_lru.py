"""The linear recurrent unit against a loop of complex numbers in NumPy, and its start against the paper."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.models.cells.lru import LRU
from rnnlab.models.stack import Stack

backends = pytest.mark.parametrize("backend", ["scan", "loop"])


@backends
def test_equations(backend: str, make_stack: Callable[..., Stack]) -> None:
    """x_t = lambda x_(t-1) + gamma (B u_t);  y_t = Re(C x_t) + D u_t, in complex numbers."""
    stack = make_stack("lru", backend=backend)
    p = {name: weight.detach().numpy() for name, weight in next(stack.layers()).named_parameters()}
    eigenvalue = np.exp(-np.exp(p["nu_log_H"]) + 1j * np.exp(p["theta_log_H"]))
    B, C = p["B_re_HD"] + 1j * p["B_im_HD"], p["C_re_HH"] + 1j * p["C_im_HH"]
    u_BTD, x_BH = np.random.default_rng(0).normal(size=(2, 40, 3)), np.full((2, 5), 0.2 - 0.7j)
    start = (torch.from_numpy(x_BH.real.copy()), torch.from_numpy(x_BH.imag.copy()))
    output, (state,) = stack(torch.from_numpy(u_BTD), (start,))
    for t in range(40):
        x_BH = eigenvalue * x_BH + np.exp(p["gamma_log_H"]) * (u_BTD[:, t] @ B.T)
        y_BH = (x_BH @ C.T).real + u_BTD[:, t] @ p["D_HD"].T
        np.testing.assert_allclose(output[:, t].detach().numpy(), y_BH, rtol=0, atol=1e-10)
    np.testing.assert_allclose(state[0].detach().numpy(), x_BH.real, rtol=0, atol=1e-10)
    np.testing.assert_allclose(state[1].detach().numpy(), x_BH.imag, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-12), (torch.float32, 5e-5)], ids=str)
def test_scan_is_the_loop(dtype: torch.dtype, tolerance: float, make_stack: Callable[..., Stack]) -> None:
    """A hundred steps from a state of its own."""
    x_BTD, start = torch.randn(2, 100, 3, dtype=dtype), (torch.randn(2, 5, dtype=dtype), torch.randn(2, 5, dtype=dtype))
    found = [make_stack("lru", backend=backend, dtype=dtype)(x_BTD, (start,)) for backend in ("scan", "loop")]
    (scanned, (scanned_state,)), (looped, (looped_state,)) = found
    for ours, theirs in zip((scanned, *scanned_state), (looped, *looped_state), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=tolerance)


@pytest.mark.parametrize(("r_min", "r_max", "max_phase"), [(0.0, 1.0, 2 * math.pi), (0.9, 0.999, 0.3)])
def test_eigenvalues_start_on_the_ring(r_min: float, r_max: float, max_phase: float) -> None:
    """Uniform in area (lemma 3.2), so that |lambda|^2 and the phase are uniform."""
    torch.manual_seed(0)
    cell = LRU(LRU.Config(hidden_size=4000, r_min=r_min, r_max=r_max, max_phase=max_phase), 1)
    w = cell.weights()
    square, phase = (w.lambda_re_H**2 + w.lambda_im_H**2).detach(), cell.theta_log_H.detach().exp()
    assert (square.sqrt() >= r_min - 1e-6).all() and (square.sqrt() <= r_max + 1e-6).all()
    assert square.mean().item() == pytest.approx((r_min**2 + r_max**2) / 2, rel=0.03)
    assert (phase > 0).all() and (phase <= max_phase * (1 + 1e-6)).all()
    assert phase.mean().item() == pytest.approx(max_phase / 2, rel=0.05)


def test_gamma_starts_as_what_keeps_the_scale_of_the_input() -> None:
    torch.manual_seed(0)
    cell = LRU(LRU.Config(hidden_size=64, r_min=0.5, r_max=0.99), 3)
    w = cell.weights()
    wanted = torch.sqrt(1 - w.lambda_re_H**2 - w.lambda_im_H**2)
    torch.testing.assert_close(cell.gamma_log_H.exp(), wanted, rtol=1e-4, atol=1e-6)


def test_white_noise_gives_a_state_of_unit_size() -> None:
    """What gamma and the start of B are for: E|x|^2 = 1 after long white noise (section 3.4)."""
    torch.manual_seed(0)
    cell = LRU(LRU.Config(hidden_size=128, r_min=0.5, r_max=0.9), 16)
    with torch.no_grad():
        _, (re_BH, im_BH) = cell.scan(torch.randn(64, 200, 16), cell.initial_state(64), cell.weights())
    assert (re_BH**2 + im_BH**2).mean().item() == pytest.approx(1, rel=0.05)


def test_b_and_c_start_with_the_published_variances() -> None:
    torch.manual_seed(0)
    cell = LRU(LRU.Config(hidden_size=256), 64)
    for part in (cell.B_re_HD, cell.B_im_HD):
        assert part.var().item() == pytest.approx(1 / 128, rel=0.05)
    for part in (cell.C_re_HH, cell.C_im_HH):
        assert part.var().item() == pytest.approx(1 / 256, rel=0.05)


@pytest.mark.parametrize("settings", [{"r_min": 1.0}, {"r_min": 0.5, "r_max": 0.5}, {"r_max": 1.1}, {"max_phase": 0.0}])
def test_rings_that_are_none(settings: dict[str, float]) -> None:
    with pytest.raises(RequestError, match=r"cell\.(r_min|r_max|max_phase) = "):
        LRU.Config(**settings)


def test_parameter_count() -> None:
    """B, C complex, D, and nu, theta, gamma: 2 H D + 2 H^2 + H D + 3 H."""
    assert LRU.parameter_count(LRU.Config(hidden_size=7), 3) == 2 * 7 * 3 + 2 * 49 + 7 * 3 + 3 * 7
    assert sum(p.numel() for p in LRU(LRU.Config(hidden_size=7), 3).parameters()) == 182
