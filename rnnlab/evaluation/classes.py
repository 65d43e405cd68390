"""How good answers are that name a class: accuracy with its interval, by class, and by length.

Shapes: N answers, V classes, R resamples.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlab.statistics import Interval, wilson_interval

Row = dict[str, Any]
BINS = 10
RESAMPLES = 1000
"""Of a bootstrap."""


def accuracy(said: np.ndarray, true: np.ndarray) -> Interval:
    """The share of right answers and its 95 % interval (Wilson 1927), as if they were independent."""
    return wilson_interval(int((said == true).sum()), len(true))


def confusion(said: np.ndarray, true: np.ndarray, classes: int) -> np.ndarray:
    """How often each class was taken for each: int64 (V, V), a row for what is true, a column for what was said."""
    return np.bincount(true * classes + said, minlength=classes * classes).reshape(classes, classes)


def by_class(counts_VV: np.ndarray, names: Sequence[str]) -> list[Row]:
    """For each class: items, precision, recall and F1; NaN where nothing is to be divided by."""
    rows = []
    for place, name in enumerate(names):
        both, true, said = (
            int(n) for n in (counts_VV[place, place], counts_VV[place].sum(), counts_VV[:, place].sum())
        )
        rows.append(
            {
                "class": name,
                "items": true,
                "precision": share(both, said),
                "recall": share(both, true),
                "f1": share(2 * both, true + said),
            }
        )
    return rows


def macro_f1(counts_VV: np.ndarray, confidence: float = 0.95, seed: int = 0) -> Interval:
    """The mean of the classes' F1, those left out that are neither true nor said anywhere, and its bootstrap interval.

    Items are drawn with replacement (Efron & Tibshirani 1993): their counts are then drawn from a multinomial
    distribution. One item alone has no interval. The same seed gives the same interval.
    """
    items = int(counts_VV.sum())
    estimate = float(mean_f1(counts_VV[None])[0])
    if items == 1:
        return Interval(estimate, math.nan, math.nan, 1)
    drawn_R = np.random.default_rng(seed).multinomial(items, counts_VV.ravel() / items, RESAMPLES)
    means_R = mean_f1(drawn_R.reshape(-1, *counts_VV.shape))
    low, high = np.quantile(means_R, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(estimate, float(low), float(high), items)


def mean_f1(counts_RVV: np.ndarray) -> np.ndarray:
    """Macro-F1 of each confusion matrix: float64 (R,)."""
    both_RV = counts_RVV.diagonal(axis1=1, axis2=2)
    counted_RV = counts_RVV.sum(axis=1) + counts_RVV.sum(axis=2)
    f1_RV = np.divide(2 * both_RV, counted_RV, out=np.full(both_RV.shape, np.nan), where=counted_RV > 0)
    return np.asarray(np.nanmean(f1_RV, axis=1))


def by_length(said: np.ndarray, true: np.ndarray, steps: np.ndarray) -> list[Row]:
    """Accuracy, with its interval, of items of like length: at most ten groups of about as many answers each.

    One group alone where all have one length.
    """
    edges = np.unique(np.quantile(steps, np.linspace(0, 1, BINS + 1), method="inverted_cdf"))
    lows = edges if len(edges) <= BINS else edges[:-1]
    group_N = np.searchsorted(lows, steps, side="right") - 1
    rows = []
    for number in np.unique(group_N):
        members = group_N == number
        found = accuracy(said[members], true[members])
        rows.append(
            {
                "shortest": int(steps[members].min()),
                "longest": int(steps[members].max()),
                "items": found.n,
                "accuracy": found.estimate,
                "low": found.low,
                "high": found.high,
            }
        )
    return rows


def share(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
