"""How a search went: the best value so far, against the trials and the training time that it took."""

from __future__ import annotations

import math
from typing import NamedTuple

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.trials import SweepTrial


class Milestone(NamedTuple):
    """A trial that ended.

    place  how many trials had ended by then; spent: seconds of training in all of their runs, pruned ones included
    value  its mean over its complete runs, None where it has none; best: the best one by then, None before any
    """

    trial: SweepTrial
    place: int
    spent: float
    value: float | None
    best: float | None


def history(sweep: SweepRecord) -> list[Milestone]:
    """Every trial whose runs have all ended, in the order of its last end."""
    ended = [(at, trial.number, trial) for trial in sweep.trials if (at := trial.ended_at) is not None]
    better = min if sweep.minimize else max
    best: float | None = None
    spent = 0.0
    milestones = []
    for place, (_, _, trial) in enumerate(sorted(ended, key=lambda entry: entry[:2]), start=1):
        spent += math.fsum(run.seconds for run in trial.runs)
        value = trial.interval.estimate if trial.interval else None
        if value is not None:
            best = value if best is None else better(best, value)
        milestones.append(Milestone(trial, place, spent, value, best))
    return milestones
