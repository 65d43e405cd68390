"""How well one number for each character tells a feature: AUC and F1, or R2, with intervals over blocks of the text.

The number is a unit's value, or what a linear probe made of all of them. Whatever has to be fixed beforehand (the
sign, a threshold, a line) was fixed on the choosing half.

Shapes: n characters of a half, B blocks, K resamples.
"""

from __future__ import annotations

import numpy as np

from rnnlab.statistics import Interval

RESAMPLES = 1000
BINS = 512


def best_threshold(values_n: np.ndarray, true_n: np.ndarray) -> float:
    """The threshold from which on "true" has the largest F1."""
    order = np.argsort(-values_n, kind="stable")
    falling, hits = values_n[order], np.cumsum(true_n[order])
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + hits[-1])
    f1[:-1][falling[:-1] == falling[1:]] = -1  # equal values fall on the same side
    return float(falling[int(f1.argmax())])


def f1_score(values_n: np.ndarray, true_n: np.ndarray, threshold: float) -> float:
    """2 hits / (said to be true + true), van Rijsbergen 1979."""
    said = values_n >= threshold
    both = float(said.sum() + true_n.sum())
    return 2 * float((said & (true_n > 0)).sum()) / both if both else 0.0


def auc_interval(values_n: np.ndarray, true_n: np.ndarray, block_n: np.ndarray, seed: int = 0) -> Interval:
    """The AUC and its 95 % interval, with whole blocks drawn again (Künsch 1989).

    values_n  any numbers; block_n: the block of each character

    The estimate is exact. Each resample is computed from the counts of every block in 512 bins of rank, and
    differs from the exact one by as little as the binned estimate does, which is taken off.
    """
    n = len(values_n)
    sorted_n, place_n = np.unique(values_n, return_inverse=True)
    exact = area(*(np.bincount(place_n, weights, len(sorted_n))[None] for weights in (true_n, 1 - true_n)))[0]
    count = np.bincount(place_n)
    bin_n = ((np.cumsum(count) - count / 2) / n * BINS).astype(int).clip(max=BINS - 1)[place_n]
    _, number_n = np.unique(block_n, return_inverse=True)
    B = int(number_n.max()) + 1
    at_n = number_n * BINS + bin_n
    true_BB, false_BB = (np.bincount(at_n, weights, B * BINS).reshape(B, BINS) for weights in (true_n, 1 - true_n))
    drawn_KB = draws(B, seed)
    resampled_K = area(drawn_KB @ true_BB, drawn_KB @ false_BB)
    off = exact - area(true_BB.sum(axis=0)[None], false_BB.sum(axis=0)[None])[0]
    return percentiles(float(exact), np.clip(resampled_K + off, 0, 1), B)


def area(true_KB: np.ndarray, false_KB: np.ndarray) -> np.ndarray:
    """The AUC of counts in ascending bins, one for each row; NaN where a row has only one of both."""
    below = np.cumsum(false_KB, axis=1) - false_KB / 2
    pairs = true_KB.sum(axis=1) * false_KB.sum(axis=1)
    return np.divide((true_KB * below).sum(axis=1), pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)


def r2_interval(guess_n: np.ndarray, number_n: np.ndarray, block_n: np.ndarray, seed: int = 0) -> Interval:
    """R2 = 1 - squared error / squared deviation from the mean, and its 95 % interval over blocks.

    Below 0 where the guess, which was made from the other half, is worse than this half's own mean.
    """
    _, place_n = np.unique(block_n, return_inverse=True)
    number_n = number_n.astype(np.float64)
    weights = (np.ones(len(number_n)), number_n, number_n**2, (number_n - guess_n) ** 2)
    sums_4B = np.stack([np.bincount(place_n, each) for each in weights])
    B = sums_4B.shape[1]
    return percentiles(float(explained(sums_4B.sum(axis=1)[None])[0]), explained(draws(B, seed) @ sums_4B.T), B)


def explained(sums_K4: np.ndarray) -> np.ndarray:
    """R2 of rows of (count, sum, sum of squares, squared error); NaN where nothing varies."""
    count, total, squares, error = sums_K4.T
    deviation = squares - np.divide(total**2, count)
    return 1 - np.divide(error, deviation, out=np.full(len(error), np.nan), where=deviation > 0)


def draws(blocks: int, seed: int) -> np.ndarray:
    """How often each block is in each resample: float64 (K, B)."""
    return np.random.default_rng(seed).multinomial(blocks, np.full(blocks, 1 / blocks), RESAMPLES).astype(np.float64)


def percentiles(estimate: float, resampled_K: np.ndarray, blocks: int) -> Interval:
    low, high = np.nanquantile(resampled_K, [0.025, 0.975])
    return Interval(estimate, float(low), float(high), blocks)


def line(x_n: np.ndarray, y_n: np.ndarray) -> tuple[float, float]:
    """(intercept, slope) of the straight line with the least squared error; slope 0 where x does not vary."""
    x, y = x_n.astype(np.float64), y_n.astype(np.float64)
    spread = float(((x - x.mean()) ** 2).sum())
    slope = float(((x - x.mean()) * (y - y.mean())).sum()) / spread if spread > 0 else 0.0
    return float(y.mean()) - slope * float(x.mean()), slope
