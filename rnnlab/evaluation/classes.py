"""How good answers are that name a class: accuracy with its interval, by class, and by length.

Shapes: N answers, V classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlab.statistics import Interval, bootstrap_interval, wilson_interval

Row = dict[str, Any]
BINS = 10


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


def macro_f1(said: np.ndarray, true: np.ndarray, classes: int) -> Interval:
    """The mean of the classes' F1, without those that are neither true nor said, and its bootstrap interval."""

    def mean_f1(pairs_N2: np.ndarray) -> float:
        said_N, true_N = pairs_N2.astype(np.int64).T
        counts_VV = confusion(said_N, true_N, classes)
        counted_V = counts_VV.sum(axis=0) + counts_VV.sum(axis=1)
        there_V = counted_V > 0
        return float((2 * counts_VV.diagonal()[there_V] / counted_V[there_V]).mean())

    return bootstrap_interval(np.stack([said, true], axis=1), mean_f1)


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
