"""How trials are shown, the same in every picture."""

from __future__ import annotations

from rnnlab.analysis.sweeps import SweepRecord, SweepTrial
from rnnlab.report.colours import NEUTRAL, by_rank


def trial_colours(sweep: SweepRecord) -> dict[int, str]:
    """The colour of each trial by its number, the same in every picture; grey for one without a value."""
    ranked = by_rank(len(sweep.ranked))
    found = {trial.number: colour for trial, colour in zip(sweep.ranked, ranked, strict=True)}
    return {trial.number: found.get(trial.number, NEUTRAL) for trial in sweep.trials}


def mean_of(trial: SweepTrial) -> float:
    """Its mean; only for a trial that has a value."""
    assert trial.interval is not None
    return trial.interval.estimate


def described(trial: SweepTrial) -> str:
    """What is said where the mouse rests on it."""
    return f"{trial.title}: {mean_of(trial):.5g} ({len(trial.values)} runs)"
