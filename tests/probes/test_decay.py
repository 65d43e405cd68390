"""Rates and half-lives: those of series whose decay is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.probes.decay import FLOOR, bootstrap_of_mean, fitted, quartiles
from rnnlab.statistics import bootstrap_interval, half_life


@given(st.floats(-3, 3), st.integers(3, 60), st.integers(1, 5))
def test_a_geometric_series_has_its_rate(rate: float, lags: int, rows: int) -> None:
    scale_B = np.linspace(0.5, 2, rows)[:, None]
    norm_BL = scale_B * np.exp(rate * np.arange(lags))
    norm_BL[:, 0] *= 100  # where the error enters there is no decay yet
    found = fitted(norm_BL)
    assert found.rate == pytest.approx(rate, abs=1e-9)
    assert found.lags == lags - 1
    if rows > 1:
        assert found.low == pytest.approx(rate, abs=1e-9) and found.high == pytest.approx(rate, abs=1e-9)
    else:
        assert math.isnan(found.low) and math.isnan(found.high)


def test_the_fit_of_each_row_is_numpy_s() -> None:
    norm_BL = np.exp(np.random.default_rng(0).standard_normal((4, 12)))
    slopes = [np.polyfit(np.arange(1, 12), np.log(row[1:]), 1)[0] for row in norm_BL]
    assert fitted(norm_BL).rate == pytest.approx(np.mean(slopes))


def test_only_norms_that_keep_their_digits_are_used() -> None:
    """Underflow, overflow and lags that a row does not reach are left out, row by row."""
    lag = np.arange(12.0)
    vanishing = np.exp(-100 * lag)
    assert vanishing[8] < FLOOR
    with np.errstate(over="ignore"):
        exploding = np.exp(100 * lag)
    assert np.isinf(exploding[8])
    short = np.where(lag < 4, np.exp(-lag), np.nan)
    assert fitted(vanishing[None].copy()).rate == pytest.approx(-100)
    assert fitted(vanishing[None].copy()).lags == 7
    assert fitted(exploding[None].copy()).rate == pytest.approx(100)
    assert fitted(np.stack([vanishing, short])).rate == pytest.approx((-100 - 1) / 2)


def test_nothing_to_fit() -> None:
    found = fitted(np.array([[1.0, 0.0, 0.0], [1.0, 0.5, np.nan]]))
    assert math.isnan(found.rate) and math.isnan(found.half_lives[0]) and found.lags == 1


def test_half_life() -> None:
    assert half_life(math.log(0.5)) == pytest.approx(1)
    assert half_life(-math.log(2) / 10) == pytest.approx(10)
    assert half_life(0.0) == half_life(0.3) == math.inf


def test_the_bootstrap_is_that_of_statistics() -> None:
    values = np.random.default_rng(1).standard_normal(9)
    low, high = bootstrap_of_mean(values)
    wanted = bootstrap_interval(values.tolist(), lambda drawn: float(drawn.mean()))
    assert low == pytest.approx(wanted.low, abs=0.05) and high == pytest.approx(wanted.high, abs=0.05)
    assert low < values.mean() < high


def test_quartiles_are_of_logarithms() -> None:
    assert quartiles(np.array([1.0, 10.0, 100.0, np.nan])) == pytest.approx((1.0, 0.5, 1.5))
    assert quartiles(np.array([0.0, 0.0]))[0] == pytest.approx(math.log10(FLOOR))
    assert math.isnan(quartiles(np.array([np.nan]))[0])
