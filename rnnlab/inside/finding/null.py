"""How good the best unit would look if there were nothing to find: two nulls, and a claim needs both to fall.

1. The text may go along with the unit by accident. Both change slowly (a comment is long, and so is what a unit
   remembers), so shuffled characters would make everything significant. Instead the labels of the scoring half are
   shifted around it as a circle, by at least a block: both series stay what they are, only the time between them is
   wrong (Künsch 1989 on blocks; Harris 2020 on nonsense correlations of slow series).
2. The unit may say so without having learnt it: among a thousand random mixtures of the last few symbols, one goes
   along with capitals or new lines. Networks of the same configuration that were never trained go through the same
   choice and the same scoring. The trained one is then compared with them as one more draw, by the t-test of a
   single case against a small sample (Crawford & Howell 1998): t = (x - mean) / (s sqrt(1 + 1/K)), K - 1 degrees
   of freedom. x is atanh of the strength, which for D = 2 AUC - 1 is half the logit of the AUC, and for a
   correlation Fisher's z.

The larger of the two p-values is one for "either null holds" (Berger 1982, intersection-union).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

SHIFTS = 999
ALMOST_ONE = 1 - 1e-6
"""The strength of a perfect unit, as far as its atanh goes."""


def shift_p(unit_n: np.ndarray, label_n: np.ndarray, block: int, shifts: int = SHIFTS, seed: int = 0) -> float:
    """How often a unit goes along with shifted labels at least as well: (1 + these) / (1 + shifts).

    unit_n   what is summed against the labels: centred ranks, or values, with the sign in which they go along
    label_n  1 and 0, or numbers; both in the order of the text
    block    the least shift in either direction; a quarter of the characters where that is less

    All shifts are had at once as a circular cross-correlation. The same seed draws the same shifts.
    """
    n = len(unit_n)
    least = min(block, n // 4)
    frequencies = np.fft.rfft(unit_n - unit_n.mean()) * np.conj(np.fft.rfft(label_n - label_n.mean()))
    sums_n = np.fft.irfft(frequencies, n)
    possible = np.arange(least, n - least + 1)
    generator = np.random.default_rng(seed)
    drawn = generator.choice(possible, shifts, replace=len(possible) < shifts)
    rounding = 1e-9 * math.sqrt(float(np.square(unit_n).sum() * np.square(label_n).sum()))
    as_far = int((sums_n[drawn] >= sums_n[0] - rounding).sum())
    return (1 + as_far) / (1 + shifts)


def untrained_p(trained: float, untrained: Sequence[float]) -> float:
    """How likely one more untrained network would reach the trained one's strength; at least two are needed."""
    from scipy import special

    z, zs = scale(trained), [scale(strength) for strength in untrained]
    K = len(zs)
    mean = math.fsum(zs) / K
    deviation = math.sqrt(math.fsum((each - mean) ** 2 for each in zs) / (K - 1))
    t = (z - mean) / (max(deviation, 1e-12) * math.sqrt(1 + 1 / K))
    return float(special.stdtr(K - 1, -t))


def scale(strength: float) -> float:
    """Where strengths of networks are about normal."""
    return math.atanh(max(-ALMOST_ONE, min(ALMOST_ONE, strength)))


def false_discovery(p_values: Sequence[float]) -> list[float]:
    """Each p-value adjusted for all: of those at most q, a share of q is false on average (Benjamini & Hochberg 1995).

    It holds for independent claims and for such as rise and fall together (Benjamini & Yekutieli 2001).
    """
    adjusted, least = [1.0] * len(p_values), 1.0
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    for rank in range(len(order), 0, -1):
        place = order[rank - 1]
        least = min(least, p_values[place] * len(order) / rank)
        adjusted[place] = least
    return adjusted
