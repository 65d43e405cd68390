"""Trials that no other beats: the Pareto front of a sweep with several objectives."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.trials import SweepTrial


def pareto_front(sweep: SweepRecord) -> list[SweepTrial]:
    """The trials that no other one dominates, best first by the first objective."""
    signs = [1 if objective.minimize else -1 for objective in sweep.objectives]
    known = [
        (trial, [sign * value for sign, value in zip(signs, trial.objectives, strict=True)])
        for trial in sweep.trials
        if trial.objectives is not None
    ]
    return [trial for trial, costs in known if not any(dominates(other, costs) for _, other in known)]


def dominates(a: Sequence[float], b: Sequence[float]) -> bool:
    """Whether the costs ``a`` are nowhere above ``b``, and somewhere below."""
    return all(x <= y for x, y in zip(a, b, strict=True)) and any(x < y for x, y in zip(a, b, strict=True))
