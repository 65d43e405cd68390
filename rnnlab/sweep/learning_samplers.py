"""The samplers of Optuna's that learn from results (CMA-ES stands in ``evolution.py``)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from rnnlab.sweep.base import Sampler

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

POPULATION = 20
"""A generation of NSGA-II: sweeps of recurrent networks have dozens of trials, and seldom hundreds."""


def make_sampler(kind: Sampler, seed: int, known: int) -> BaseSampler:
    """A sampler for a session of a sweep that begins with ``known`` trials.

    Its draws begin with both numbers: a sampler begun anew from the sweep's seed alone would repeat itself
    after each restart.
    """
    from optuna import samplers

    digest = hashlib.sha256(f"{seed}/{known}".encode()).digest()
    start = int.from_bytes(digest[:4], "big")
    match kind:
        case Sampler.tpe:
            # group: the settings of a cell are modelled among the trials that have it
            return samplers.TPESampler(multivariate=True, group=True, constant_liar=True, seed=start)
        case Sampler.gp:
            return samplers.GPSampler(seed=start)
        case Sampler.nsga2:
            return samplers.NSGAIISampler(population_size=POPULATION, seed=start)
        case _:
            return samplers.RandomSampler(seed=start)  # never asked: these trials are drawn by functions of ours
