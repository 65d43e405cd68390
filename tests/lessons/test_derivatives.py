"""tanh's polynomials against NumPy's, autograd against them, and the rule that overflows."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial

from rnnlab.lessons.derivatives import (
    derivatives,
    exact_polynomials,
    overflow_border,
    slide_tanh,
    slide_tanh_by_squares,
    valued,
    written_out,
)

GRID = torch.linspace(-7, 7, 200, dtype=torch.float64)


def test_polynomials_are_those_of_numpy() -> None:
    expected = Polynomial([0, 1])
    for found in exact_polynomials(6):
        assert np.trim_zeros(found, "b") == expected.coef.tolist()
        expected = expected.deriv() * Polynomial([1, 0, -1])


def test_the_sixth_is_written_out() -> None:
    assert written_out(exact_polynomials(6)[6]) == "- 272 y + 1232 y^3 - 1680 y^5 + 720 y^7"


@settings(max_examples=25)
@given(st.lists(st.floats(-3, 3), min_size=1, max_size=20))
def test_autograd_agrees_with_the_polynomials_everywhere(points: list[float]) -> None:
    at = torch.tensor(points, dtype=torch.float64)
    for way in (torch.tanh, slide_tanh, slide_tanh_by_squares):
        for polynomial, found in zip(exact_polynomials(6), derivatives(way, at, 6), strict=True):
            assert torch.allclose(found, valued(polynomial, torch.tanh(at)), atol=1e-8)


def test_grad_of_tanh_at_one() -> None:
    found = float(derivatives(torch.tanh, torch.tensor(1.0, dtype=torch.float64), 1)[1])
    assert found == 0.41997434161402614


def test_the_slides_formula_reaches_two_million_where_the_denominator_overflows() -> None:
    wrong = derivatives(slide_tanh_by_squares, GRID, 6)[6]
    exact = valued(exact_polynomials(6)[6], torch.tanh(GRID))
    assert round(float(wrong.abs().max())) == 2_097_138
    assert float(exact.abs().max()) == pytest.approx(52.256, abs=5e-4)
    border = overflow_border(6, torch.finfo(torch.float64).max)
    is_wrong = (wrong - exact).abs() > 0.05
    assert torch.equal(is_wrong, border > GRID)
    assert 64 * math.log10(1 + math.exp(-2 * border)) == pytest.approx(308.25, abs=0.01)


def test_one_order_less_squares_once_less_and_is_right() -> None:
    exact = valued(exact_polynomials(5)[5], torch.tanh(GRID))
    assert torch.allclose(derivatives(slide_tanh_by_squares, GRID, 5)[5], exact, atol=1e-9)


def test_torchs_division_does_not_overflow() -> None:
    exact = valued(exact_polynomials(6)[6], torch.tanh(GRID))
    assert torch.allclose(derivatives(slide_tanh, GRID, 6)[6], exact, atol=1e-9)
