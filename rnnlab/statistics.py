"""Intervals: what a handful of seeds, a count of successes, or a long text says, and how surely."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from rnnlab.errors import RequestError


class Interval(NamedTuple):
    """An estimate from ``n`` observations and the bounds of its interval (NaN where n is too small)."""

    estimate: float
    low: float
    high: float
    n: int


def mean_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """The mean and Student's t-interval around it, for independent values such as one per seed.

    One value alone has no interval: its bounds are NaN. ``RequestError`` where there is none.
    """
    _check(confidence, len(values))
    n = len(values)
    mean = math.fsum(values) / n
    if n == 1:
        return Interval(mean, math.nan, math.nan, 1)
    deviation = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1))
    from scipy import special  # takes a third of a second to import

    half = float(special.stdtrit(n - 1, (1 + confidence) / 2)) * deviation / math.sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def wilson_interval(successes: float, trials: int, confidence: float = 0.95) -> Interval:
    """A proportion and its score interval (Wilson 1927), which stays within [0, 1] and holds for few trials.

    successes may be a sum of parts of one: these vary less than ones and zeros do, so the interval is rather too wide.
    """
    _check(confidence, trials)
    if not 0 <= successes <= trials:
        raise RequestError(f"successes = {successes}: there can be 0 to {trials}, the number of trials")
    from scipy import special

    z = float(special.ndtri((1 + confidence) / 2))
    p = successes / trials
    centre = (p + z * z / (2 * trials)) / (1 + z * z / trials)
    half = z / (1 + z * z / trials) * math.sqrt(p * (1 - p) / trials + z * z / (4 * trials * trials))
    # At the ends the bound is 0 or 1 by algebra, and a rounding error beside it by arithmetic.
    low = 0.0 if successes == 0 else centre - half
    high = 1.0 if successes == trials else centre + half
    return Interval(p, low, high, trials)


def block_interval(
    sums: Sequence[float],
    counts: Sequence[float],
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """A mean per item over a text cut into blocks, and its bootstrap percentile interval.

    sums    the total of each block (for example nats), counts: its items (characters)

    Neighbouring characters depend on each other, so whole blocks are drawn with replacement
    (Efron and Tibshirani 1993, section 8.6). The same seed gives the same interval.
    """
    _check(confidence, len(sums))
    if len(sums) != len(counts):
        raise RequestError(f"counts: there are {len(counts)} for {len(sums)} sums")
    totals, items = np.asarray(sums, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    estimate = float(totals.sum() / items.sum())
    blocks = len(totals)
    if blocks == 1:
        return Interval(estimate, math.nan, math.nan, 1)
    generator = np.random.default_rng(seed)
    means = np.empty(resamples)
    for k in range(resamples):
        drawn = generator.integers(0, blocks, blocks)
        means[k] = totals[drawn].sum() / items[drawn].sum()
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high), blocks)


def bootstrap_interval(
    values: Sequence[float] | np.ndarray,
    statistic: Callable[[np.ndarray], float],
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """Any statistic of independent values, or rows, and its bootstrap percentile interval (Efron and Tibshirani 1993).

    One value alone has no interval. The same seed gives the same interval.
    """
    _check(confidence, len(values))
    known = np.asarray(values, dtype=np.float64)
    estimate = float(statistic(known))
    if len(known) == 1:
        return Interval(estimate, math.nan, math.nan, 1)
    generator = np.random.default_rng(seed)
    drawn = [statistic(generator.choice(known, len(known))) for _ in range(resamples)]
    low, high = np.quantile(drawn, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high), len(known))


def sign_flip_test(differences: Sequence[float], resamples: int = 10_000, seed: int = 0) -> float:
    """How often the mean of paired differences would be as far from 0 if each had its sign by chance (Fisher 1935).

    Exact where there are at most ``resamples`` ways to give signs, else of so many drawn ones. So n differences
    cannot give a p-value below 2 / 2^n. ``RequestError`` where there are none.
    """
    _check(0.95, len(differences))
    known = np.asarray(differences, dtype=np.float64)
    n = len(known)
    exact = 2**n <= resamples
    if exact:
        flips = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
    else:
        flips = np.random.default_rng(seed).integers(0, 2, (resamples, n))
    sums = (1 - 2 * flips) @ known
    as_far = int(np.sum(np.abs(sums) >= abs(known.sum()) - 1e-12 * np.abs(known).sum()))
    return as_far / 2**n if exact else (1 + as_far) / (1 + resamples)


def holm(p_values: Sequence[float]) -> list[float]:
    """Each p-value adjusted for all of them (Holm 1979): those at most 0.05 are false in 5 % of families at most."""
    adjusted, largest = [0.0] * len(p_values), 0.0
    for rank, place in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[place]))
        adjusted[place] = largest
    return adjusted


def half_life(rate: float) -> float:
    """Steps in which something halves that changes by the factor exp(rate) a step: ln 2 / -rate.

    Infinite where it does not shrink, NaN where the rate is.
    """
    if math.isnan(rate):
        return math.nan
    return math.log(2) / -rate if rate < 0 else math.inf


def _check(confidence: float, n: int) -> None:
    if not 0 < confidence < 1:
        raise RequestError(f"confidence = {confidence}: it lies between 0 and 1, for example 0.95")
    if n < 1:
        raise RequestError("an interval needs at least one value; there is none")
