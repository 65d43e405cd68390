"""The oracle on equations whose values are known without it."""

from __future__ import annotations

import numpy as np
import pytest

from rnnlab.models.equations import read_equation
from rnnlab.models.oracle import COMPUTE, Oracle, Unknown

ROWS, STEPS, D, H = 2, 4, 3, 5
RANDOM = np.random.default_rng(0)
x_BTD = RANDOM.normal(size=(ROWS, STEPS, D))
start_BH = RANDOM.normal(size=(ROWS, H))
W_HD, R_HH = RANDOM.normal(size=(H, D)), RANDOM.normal(size=(H, H))


def run(*lines: str, **symbols: object) -> dict[str, np.ndarray]:
    oracle = Oracle([read_equation(line) for line in lines], {"W": W_HD, "R": R_HH, **symbols})
    return oracle.run(x_BTD, {"h": start_BH})


def test_one_step_after_the_other() -> None:
    found = run("h_t = tanh(W x_t + R h_(t-1) + b)", b=np.arange(H))
    h_BH = start_BH
    for t in range(STEPS):
        h_BH = np.tanh(np.einsum("hd,bd->bh", W_HD, x_BTD[:, t]) + np.einsum("hk,bk->bh", R_HH, h_BH) + np.arange(H))
        np.testing.assert_allclose(found["h"][:, t], h_BH, rtol=1e-14)
    assert found["h"].shape == (ROWS, STEPS, H)


def test_every_value_of_a_step_is_kept() -> None:
    found = run("z_t = sigmoid(W x_t)", "h_t = (1 - z_t) * h_(t-1) + z_t * z_t")
    z = 1 / (1 + np.exp(-x_BTD @ W_HD.T))
    np.testing.assert_allclose(found["z"], z, rtol=1e-13)
    np.testing.assert_allclose(found["h"][:, 0], (1 - z[:, 0]) * start_BH + z[:, 0] ** 2, rtol=1e-13)


def test_constants_are_matrices_as_they_are_written() -> None:
    """exp(A - A') is orthogonal: the norm of the state stays."""
    found = run("Q = expm(R - R')", "h_t = Q h_(t-1)")
    np.testing.assert_allclose(np.linalg.norm(found["h"][:, -1], axis=1), np.linalg.norm(start_BH, axis=1), rtol=1e-13)
    np.testing.assert_allclose(run("P = R' R", "h_t = P h_(t-1)")["h"][:, 0], start_BH @ (R_HH.T @ R_HH).T, rtol=1e-12)


def test_letters_may_stand_for_numbers_and_functions() -> None:
    found = run("h_t = gamma * phi(W x_t)", gamma=0.5, phi="relu")
    np.testing.assert_allclose(found["h"], 0.5 * np.maximum(x_BTD @ W_HD.T, 0), rtol=1e-14)


def test_the_normalisation_is_over_units() -> None:
    normal = run("h_t = norm(W x_t)")["h"]
    np.testing.assert_allclose(normal.mean(axis=-1), 0, atol=1e-14)
    np.testing.assert_allclose(normal.var(axis=-1), 1, atol=1e-3)


def test_functions_do_not_overflow() -> None:
    large = np.array([-800.0, 0.0, 800.0])
    with np.errstate(over="raise", invalid="raise"):
        np.testing.assert_allclose(COMPUTE["sigmoid"](large), [0, 0.5, 1])
        np.testing.assert_allclose(COMPUTE["log_sigmoid"](large), [-800, -np.log(2), 0])
        np.testing.assert_allclose(COMPUTE["softplus"](large), [0, np.log(2), 800])
        np.testing.assert_allclose(COMPUTE["silu"](large), [0, 0, 800])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("h_t = V x_t", "nothing says what V is; there are R, W"),
        ("h_t = phi(W x_t)", "phi(...) calls no known function"),
        ("h_t = W(x_t)", "W(...) calls no known function"),
        ("h_t = c_(t-1)", "nothing says what c is; there are h"),
    ],
)
def test_what_is_unknown_is_named(line: str, reason: str) -> None:
    with pytest.raises(Unknown) as caught:
        run(line)
    assert reason in str(caught.value)
