"""What a picture leaves out: values far from all others, and the parts of lines beyond its frame."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

LARGEST = 1e100
"""What lies beyond is as good as infinite: differences of larger numbers may overflow."""


def without_outliers(values: Iterable[float], minimize: bool, reach: float = 3.0) -> list[float]:
    """The finite values without those that are far worse than most: one that blew up flattens all others.

    Far is more than ``reach`` times the middle half's width beyond it (Tukey 1977: 3 for the outer fence).
    """
    sign = 1 if minimize else -1
    known = sorted(sign * value for value in values if abs(value) < LARGEST)
    if not known:
        return []
    lower, upper = known[len(known) // 4], known[3 * len(known) // 4]
    fence = upper + reach * (upper - lower)
    return [sign * value for value in known if value <= fence or upper == lower]


def cut_at_frame(points: Sequence[tuple[float, float]], low: float, high: float) -> list[tuple[float, float]]:
    """A line cut where it leaves the frame and where it comes back; NaN parts its stretches."""
    cut: list[tuple[float, float]] = []
    for place, (x, value) in enumerate(points):
        if place > 0:
            cut += _crossing(points[place - 1], (x, value), low, high)
        cut.append((x, value if low <= value <= high else math.nan))
    return cut


def _crossing(a: tuple[float, float], b: tuple[float, float], low: float, high: float) -> list[tuple[float, float]]:
    """Where the stretch from ``a`` to ``b`` crosses the frame's border, if one end lies inside and one beyond."""
    inside = [low <= value <= high for _, value in (a, b)]
    if inside[0] == inside[1] or not all(math.isfinite(value) for _, value in (a, b)):
        return []
    outer = b[1] if inside[0] else a[1]
    border = high if outer > high else low
    share = (border - a[1]) / (b[1] - a[1])
    return [(a[0] + share * (b[0] - a[0]), border)]
