"""Which combinations a sweep tries, and in which order: a grid, or draws that anybody can repeat.

The k-th draw is a function of (sweep seed, k, space) alone: it knows no results, so a sweep that is made
longer keeps its trials, and its table does not depend on which run ends first. With n blocks, trial k belongs
to block k mod n and has the draw of number k div n.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rnnlab.sweep.base import Sampler
from rnnlab.sweep.space import Space

DRAWS_A_TRIAL = 20
"""A small space repeats itself: after so many draws for each trial that is wanted, what is missing stays out."""

CHUNK = 64
"""Points of the Sobol sequence that are worked out at once; a power of two, as its first block must be."""


def candidates(space: Space, sampler: Sampler, seed: int, wanted: int) -> Iterator[dict[str, str]]:
    """Combinations of the space, each once, without the parameters that do not belong to them.

    A grid gives them all; the others stop after ``DRAWS_A_TRIAL * wanted`` draws.
    """
    return itertools.chain.from_iterable(rounds(space, sampler, seed, wanted))


def rounds(
    space: Space, sampler: Sampler, seed: int, wanted: int, blocks: Sequence[str] = ()
) -> Iterator[list[dict[str, str]]]:
    """The same combinations by draws: one of each block, all with the same values of what is drawn.

    blocks: keys of lists, which are taken in turn and not drawn. A draw that repeats an earlier one is left out for
    all of them. Without blocks a draw is one combination.
    """
    listed = [[(key, value) for value in sorted(space.choices[key])] for key in sorted(blocks)]
    combinations = [dict(chosen) for chosen in itertools.product(*listed)]
    drawn = replace(space, dimensions={key: each for key, each in space.dimensions.items() if key not in blocks})
    seen: set[tuple[tuple[str, str], ...]] = set()
    for draw in _proposed(drawn, sampler, seed, wanted):
        members = [_ordered(space, draw | block) for block in combinations]
        keys = [tuple(varied.items()) for varied in members]
        if seen.isdisjoint(keys):
            seen.update(keys)
            yield members


def random_shares(seed: int, names: Sequence[str]) -> Iterator[list[float]]:
    """Independent uniform draws from [0, 1): the first 53 bits of a sha256 of (seed, number, name)."""
    for number in itertools.count():
        yield [_hashed_share(f"{seed}/{number}/{name}") for name in names]


def sobol_shares(seed: int, names: Sequence[str]) -> Iterator[list[float]]:
    """A scrambled Sobol sequence (Sobol 1967, Owen 1998): even over all names at once, and in each prefix."""
    import numpy as np
    from scipy.stats import qmc

    engine = qmc.Sobol(len(names), scramble=True, seed=np.random.Generator(np.random.PCG64(seed)))
    while True:
        yield from engine.random(CHUNK).tolist()


def _proposed(space: Space, sampler: Sampler, seed: int, wanted: int) -> Iterator[dict[str, str]]:
    if sampler is Sampler.grid or not space.dimensions:
        yield from space.grid()
        return
    names = sorted(space.dimensions)
    shares = {Sampler.random: random_shares, Sampler.qmc: sobol_shares}[sampler]
    for point in itertools.islice(shares(seed, names), DRAWS_A_TRIAL * wanted):
        drawn = dict(zip(names, point, strict=True))
        yield {key: dimension.at(drawn[key]) for key, dimension in space.dimensions.items()}


def _ordered(space: Space, chosen: dict[str, str]) -> dict[str, str]:
    """What belongs to a combination, in the order of the space."""
    return space.belonging({key: chosen[key] for key in space.dimensions})


def _hashed_share(text: str) -> float:
    first = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return (first >> 11) / 2**53
