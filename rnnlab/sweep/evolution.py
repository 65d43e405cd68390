"""CMA-ES (Hansen and Ostermeier 2001) over the shares of a space.

Optuna's own keeps its state in the study as a pickle and reads it back: a journal from elsewhere could run
code. This one keeps the points that it drew, as plain numbers, and works its state out from them again. It
draws a share for every parameter, names among them, and for the settings of parts that a trial does not have.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from typing import NamedTuple

FIRST_STEP = 0.25
"""The standard deviation of the first generation, of a range of 1."""
WORST = 1e300
"""Stands for the value of a trial that has none: only ranks count."""


class Drawn(NamedTuple):
    """A point of the unit cube, the generation that it was drawn in, and its value, lower being better.

    None where the trial was pruned or did not keep to a constraint.
    """

    generation: int
    point: list[float]
    value: float | None


def draw(dimensions: int, seed: int, number: int, ended: Iterable[Drawn]) -> tuple[int, list[float]]:
    """(generation, point) of trial ``number``: a function of the arguments alone.

    ended: the points whose trials have come to their end, in the order in which they were drawn. Points that
    are asked for while a generation is incomplete come from the same distribution; what is too many is left out.
    """
    import numpy as np
    from cmaes import CMA

    digest = hashlib.sha256(f"{seed}/{number}".encode()).digest()
    bounds = np.tile([0.0, 1.0], (dimensions, 1))
    start = int.from_bytes(digest[:4], "big")
    strategy = CMA(mean=np.full(dimensions, 0.5), sigma=FIRST_STEP, bounds=bounds, seed=start)
    generations: dict[int, list[tuple[np.ndarray, float]]] = {}
    for each in ended:
        value = WORST if each.value is None or not math.isfinite(each.value) else each.value
        generations.setdefault(each.generation, []).append((np.array(each.point), value))
    while len(points := generations.get(strategy.generation, [])) >= strategy.population_size:
        strategy.tell(points[: strategy.population_size])
    point = np.clip(strategy.ask(), 0.0, np.nextafter(1.0, 0.0))
    return strategy.generation, point.tolist()
