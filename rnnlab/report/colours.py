"""Colours that people with any colour vision tell apart, on light and on dark ground."""

from __future__ import annotations

# Okabe and Ito (2008), "Color Universal Design", without black and yellow, which need one certain ground.
DISTINCT = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
NEUTRAL = "#8a9099"
"""Of what has no rank: pruned and failed trials."""
BEST, MIDDLE, WORST = DISTINCT[0], "#b5a642", DISTINCT[1]


def by_rank(count: int) -> list[str]:
    """A colour for each trial, the best first: distinct ones for a few, else from blue over olive to orange."""
    if count <= len(DISTINCT):
        return list(DISTINCT[:count])
    return [_between(place / (count - 1)) for place in range(count)]


def ink_on(colour: str) -> str:
    """``black`` or ``white``, whichever is read better on it (contrast as WCAG 2.2 defines it)."""
    linear = [(c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4) for c in _channels(colour)]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return "black" if (luminance + 0.05) / 0.05 > 1.05 / (luminance + 0.05) else "white"


def _between(share: float) -> str:
    start, end = (BEST, MIDDLE) if share < 0.5 else (MIDDLE, WORST)
    weight = share * 2 if share < 0.5 else share * 2 - 1
    mixed = (round(a + weight * (b - a)) for a, b in zip(_channels(start), _channels(end), strict=True))
    return "#" + "".join(f"{channel:02x}" for channel in mixed)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
