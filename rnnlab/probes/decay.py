"""How fast something decays with the lag: norms of each row, a rate with its interval, and a half-life.

Shapes: B rows, L lags.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from rnnlab.statistics import half_life

FLOOR = float(np.finfo(np.float64).tiny)
"""The smallest normal number, 2.2e-308: a norm below it has lost its digits."""
CEILING = float(np.finfo(np.float64).max)
FIRST = 1
"""The lag at which a fit begins: at lag 0 the error enters, and nothing has decayed yet."""
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Decay:
    """rate: slope of ln(norm) per lag, below 0 where it decays. low, high: 95 %. lags: how many were used at most."""

    rate: float
    low: float
    high: float
    lags: int

    @property
    def half_lives(self) -> tuple[float, float, float]:
        """Steps in which the norm halves, for the rate and for its bounds; infinite where it does not decay."""
        return half_life(self.rate), half_life(self.low), half_life(self.high)


def usable(norm_BL: np.ndarray) -> np.ndarray:
    """Where a norm is finite and keeps its digits; not where a row does not reach so far back."""
    with np.errstate(invalid="ignore"):
        return np.isfinite(norm_BL) & (norm_BL > FLOOR)


def fitted(norm_BL: np.ndarray, seed: int = 0) -> Decay:
    """Least squares through ln(norm) of each row against the lag, and the mean over rows.

    The interval is a bootstrap over rows (Efron and Tibshirani 1993). NaN where no row has two usable lags;
    one row alone has no interval.
    """
    used = usable(norm_BL)
    used[:, :FIRST] = False
    fitting = used.sum(axis=1) >= 2
    if not fitting.any():
        return Decay(math.nan, math.nan, math.nan, int(used.sum(axis=1).max(initial=0)))
    used = used[fitting]
    log_BL = np.log(np.where(used, norm_BL[fitting], 1.0))
    count_B = used.sum(axis=1)
    lag_BL = np.where(used, np.arange(norm_BL.shape[1]), 0.0)
    centred_BL = np.where(used, lag_BL - (lag_BL.sum(axis=1) / count_B)[:, None], 0.0)
    slope_B = (centred_BL * log_BL).sum(axis=1) / (centred_BL**2).sum(axis=1)
    low, high = bootstrap_of_mean(slope_B, seed)
    return Decay(float(slope_B.mean()), low, high, int(count_B.max()))


def bootstrap_of_mean(values: np.ndarray, seed: int = 0) -> tuple[float, float]:
    """The 95 % percentile interval of a mean; all resamples in one product. NaN for one value."""
    if len(values) < 2:
        return math.nan, math.nan
    drawn = np.random.default_rng(seed).integers(0, len(values), (RESAMPLES, len(values)))
    low, high = np.quantile(values[drawn].mean(axis=1), [0.025, 0.975])
    return float(low), float(high)


def quartiles(norm_B: np.ndarray) -> tuple[float, float, float]:
    """log10 of the geometric mean over rows, and its quartiles; NaN where no row reaches so far back.

    A norm beyond what a float64 holds counts as the smallest or the largest that it does.
    """
    known = norm_B[~np.isnan(norm_B)]
    if not len(known):
        return math.nan, math.nan, math.nan
    logs = np.log10(np.clip(known, FLOOR, CEILING))
    low, high = np.quantile(logs, [0.25, 0.75])
    return float(logs.mean()), float(low), float(high)
