"""Values of parameters. A sweep records them as the texts that stood on the command line."""

from __future__ import annotations

import math
from collections.abc import Sequence

DECADE = 10.0
LONGEST_NUMBER = 8


def numbers(texts: Sequence[str]) -> list[float] | None:
    """The texts as numbers, or None where one of them is none."""
    try:
        return [float(text) for text in texts]
    except ValueError:
        return None


def spans_decades(values: Sequence[float]) -> bool:
    """Whether a logarithmic axis shows these better: all positive, over more than a decade."""
    return min(values) > 0 and max(values) / min(values) > DECADE


def is_logarithmic(listed: Sequence[str], values: Sequence[float]) -> bool:
    """Whether a parameter has a logarithmic axis: as its interval was given, or else as its values lie.

    listed: what the sweep says of it, its values or the one word of an interval.
    """
    if any("interval(" in word for word in listed):
        return "log" in listed[0] and min(values) > 0 and max(values) > min(values)
    return spans_decades(values) or _multiply(sorted(set(values)))


def _multiply(values: Sequence[float]) -> bool:
    """Whether each of three or more is the same multiple of the one before, as 64, 128, 256 are."""
    if len(values) < 3 or values[0] <= 0:
        return False
    factor = values[1] / values[0]
    return all(math.isclose(b, factor * a) for a, b in zip(values, values[1:], strict=False))


def brief(text: str) -> str:
    """A number as people read it, with four digits where it was drawn with sixteen; other texts as they are."""
    value = numbers([text])
    return text if value is None or len(text) <= LONGEST_NUMBER else f"{value[0]:.4g}"
