"""How trials are shown, the same in every picture."""

from __future__ import annotations

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.trials import SweepTrial
from rnnlab.report.colours import DISTINCT, NEUTRAL, by_rank
from rnnlab.report.words import counted, figure, shortened

LONGEST_NAME = 60


def trial_colours(sweep: SweepRecord) -> dict[int, str]:
    """The colour of each trial by its number, the same in every picture; grey for one without a value."""
    ranked = by_rank(len(sweep.ranked))
    found = {trial.number: colour for trial, colour in zip(sweep.ranked, ranked, strict=True)}
    return {trial.number: found.get(trial.number, NEUTRAL) for trial in sweep.trials}


def legend(sweep: SweepRecord) -> list[tuple[str, str]]:
    """Each trial with its colour where they are few, else what the colours mean."""
    colours = trial_colours(sweep)
    named = [(shortened(trial.brief, LONGEST_NAME), colours[trial.number]) for trial in sweep.ranked]
    if len(named) > len(DISTINCT):
        named = [(word, named[place][1]) for word, place in (("best", 0), ("middle", len(named) // 2), ("worst", -1))]
    others = [trial for trial in sweep.trials if trial.interval is None]
    pruned = any(trial.was_pruned for trial in others)
    word = "pruned" if all(trial.was_pruned for trial in others) else f"{'pruned or ' if pruned else ''}without a value"
    return [*named, (word, NEUTRAL)] if others else named


def mean_of(trial: SweepTrial) -> float:
    """Its mean; only for a trial that has a value."""
    assert trial.interval is not None
    return trial.interval.estimate


def described(trial: SweepTrial) -> str:
    """What is said where the mouse rests on it."""
    if trial.interval is None:
        return f"{trial.title}: {trial.states}"
    return f"{trial.title}: {figure(mean_of(trial))} ({counted(len(trial.values), 'run')})"
