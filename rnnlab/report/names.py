"""What searches are called."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.analysis.sweeps import SweepRecord

SAMPLERS = {
    "grid": "grid search",
    "random": "random search",
    "qmc": "quasi-random search",
    "tpe": "TPE",
    "cmaes": "CMA-ES",
    "gp": "Gaussian process",
    "nsga2": "NSGA-II",
}
PRUNERS = {"halving": "successive halving", "hyperband": "Hyperband"}


def search_name(sweep: SweepRecord) -> str:
    """``TPE + Hyperband``."""
    sampler = SAMPLERS.get(sweep.sampler, sweep.sampler)
    return sampler if sweep.pruner == "none" else f"{sampler} + {PRUNERS.get(sweep.pruner, f'{sweep.pruner} pruner')}"


def telling_names(sweeps: Sequence[SweepRecord]) -> list[str]:
    """A name for each sweep that none of the others has: how it searched, with its id where that is not enough."""
    names = [search_name(sweep) for sweep in sweeps]
    return [
        name if names.count(name) == 1 else f"{name}, {sweep.id}" for name, sweep in zip(names, sweeps, strict=True)
    ]
