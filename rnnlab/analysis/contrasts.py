"""Groups of independent runs beside one of them: how far their means lie apart, and how often by chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from rnnlab.statistics import Interval, holm

LEVEL = 0.05
"""Of the chance that any difference of a family is called one while there is none."""
MOST_SPLITS = 20_000
"""Ways to part two groups that are all looked at; of more, so many are drawn."""
_FEW, _MANY = 2, 40


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of a group minus that of the reference, with its 95 % interval (Welch 1947: unequal variances).

    p: of the permutation test, adjusted by Holm for all groups that are compared with the reference.
    """

    mean: Interval
    p: float


def permutation_test(a: Sequence[float], b: Sequence[float], seed: int = 0) -> float:
    """How often two groups parted by chance would have means as far apart (Fisher 1935; Pitman 1937).

    Exact up to ``MOST_SPLITS`` ways to part them, else of so many drawn ones. Where the seeds of the two share
    something, as the data they saw, values of equal seed go together, and the test errs on the side of no difference.
    """
    both = np.asarray([*a, *b], dtype=np.float64)
    n, m = len(a), len(both)
    observed = abs(np.mean(both[:n]) - np.mean(both[n:]))
    exact = math.comb(m, n) <= MOST_SPLITS
    if exact:
        chosen = np.array(list(combinations(range(m), n)))
    else:
        chosen = np.argsort(np.random.default_rng(seed).random((MOST_SPLITS, m)), axis=1)[:, :n]
    sums = both[chosen].sum(axis=1)
    apart = np.abs(sums / n - (both.sum() - sums) / (m - n))
    as_far = int(np.sum(apart >= observed - 1e-12 * np.abs(both).max(initial=0.0)))
    return as_far / len(chosen) if exact else (1 + as_far) / (1 + MOST_SPLITS)


def differences(groups: Mapping[str, Sequence[float]], reference: str) -> dict[str, Difference]:
    """Each group of two values or more beside the reference; nothing where that one has fewer."""
    base = groups.get(reference, ())
    others = {name: values for name, values in groups.items() if name != reference and len(values) > 1}
    if len(base) < _FEW or not others:
        return {}
    adjusted = holm([permutation_test(values, base) for values in others.values()])
    return {name: Difference(_welch(others[name], base), p) for name, p in zip(others, adjusted, strict=True)}


def fewest_runs(comparisons: int) -> int:
    """Runs a group that it takes for a verdict: with fewer, not even groups that lie wholly apart are significant."""
    fitting = (n for n in range(_FEW, _MANY) if max(1, comparisons) * 2 / math.comb(2 * n, n) <= LEVEL)
    return next(fitting, _MANY)


def rank_correlation(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray) -> float:
    """Spearman's, ties sharing their mean rank; NaN where one side does not vary."""
    from scipy import stats

    x, y = stats.rankdata(a), stats.rankdata(b)
    if len(x) < _FEW or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    return float(np.corrcoef(x, y)[0, 1])


def clustered_correlation(
    a: Mapping[str, Sequence[float]], b: Mapping[str, Sequence[float]], resamples: int = 1000, seed: int = 0
) -> tuple[Interval, float]:
    """The rank correlation over all values, and its p-value. Values of a group are alike, so groups are the units.

    The interval is of groups drawn with replacement; the test gives the groups' means of ``b`` to groups by chance.
    """
    names = list(a)
    estimate = rank_correlation(_joined(a, names), _joined(b, names))
    generator = np.random.default_rng(seed)
    drawn = [generator.choice(names, len(names)).tolist() for _ in range(resamples)]
    found = [rank_correlation(_joined(a, chosen), _joined(b, chosen)) for chosen in drawn]
    known = [value for value in found if not math.isnan(value)]
    low, high = np.quantile(known, [0.025, 0.975]) if known else (math.nan, math.nan)
    means = [(float(np.mean(a[name])), float(np.mean(b[name]))) for name in names]
    return Interval(estimate, float(low), float(high), len(names)), _shuffled(means, generator)


def _shuffled(means: list[tuple[float, float]], generator: np.random.Generator, resamples: int = 5000) -> float:
    from scipy import stats

    x, y = (stats.rankdata(side) - (len(means) + 1) / 2 for side in zip(*means, strict=True))
    if not (x.any() and y.any()):
        return math.nan
    drawn = np.array([generator.permutation(y) for _ in range(resamples)]) @ x
    as_far = int(np.sum(np.abs(drawn) >= abs(x @ y) - 1e-9))
    return (1 + as_far) / (1 + resamples)


def _joined(groups: Mapping[str, Sequence[float]], names: Sequence[str]) -> list[float]:
    return [value for name in names for value in groups[name]]


def _welch(a: Sequence[float], b: Sequence[float]) -> Interval:
    from scipy import special

    squares = [float(np.var(values, ddof=1)) / len(values) for values in (a, b)]
    total = sum(squares)
    estimate = float(np.mean(a) - np.mean(b))
    if total == 0:
        return Interval(estimate, estimate, estimate, len(a) + len(b))
    parts = (square**2 / (len(values) - 1) for square, values in zip(squares, (a, b), strict=True))
    half = float(special.stdtrit(total**2 / sum(parts), 0.975)) * math.sqrt(total)
    return Interval(estimate, estimate - half, estimate + half, len(a) + len(b))
