"""How a search went: the best value so far, and which parameter mattered."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rnnlab.analysis.sweeps import SweepRecord, SweepTrial

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

FEWEST_TRIALS = 8
GOOD_QUARTER = 0.25
DECADE = 10.0


class Milestone(NamedTuple):
    """A run that ended: when (seconds after the first start), its value, and the best one by then."""

    run_id: str
    seconds: float
    value: float
    best: float


def history(sweep: SweepRecord) -> list[Milestone]:
    """Every complete run in the order in which they ended."""
    spans = sweep.spans
    if not spans:
        return []
    begin = min(span.start for span in spans)
    better = min if sweep.minimize else max
    ended = [
        (run.ended_at, run.id, value)
        for run in sweep.runs
        if run.ended_at is not None and (value := sweep.value(run)) is not None
    ]
    milestones: list[Milestone] = []
    for time, run_id, value in sorted(ended):
        best = better(value, milestones[-1].best) if milestones else value
        milestones.append(Milestone(run_id, time - begin, value, best))
    return milestones


def numbers(texts: Sequence[str]) -> list[float] | None:
    """The texts as numbers, or None where one of them is none."""
    try:
        return [float(text) for text in texts]
    except ValueError:
        return None


def spans_decades(values: Sequence[float]) -> bool:
    """Whether a logarithmic axis shows these better: all positive, over more than a decade."""
    return min(values) > 0 and max(values) / min(values) > DECADE


def importance(sweep: SweepRecord) -> dict[str, float] | str:
    """The share of each parameter in what tells the best quarter of the trials from the others.

    PED-ANOVA (Watanabe, Bansal and Hutter 2023) as Optuna has it; shares add up to 1. Where that says
    nothing, the sentence why. Only parameters that every trial has can be judged.
    """
    trials = sweep.ranked
    shared = [key for key in sweep.varying if all(key in trial.varied for trial in trials)]
    if len(trials) < FEWEST_TRIALS or len(shared) < 2:
        return (
            f"Importance needs at least {FEWEST_TRIALS} trials with a value (there: {len(trials)})"
            f" and 2 parameters that vary and that all of them have (there: {len(shared)})."
        )
    if len({trial.interval.estimate for trial in trials if trial.interval}) == 1:
        return "All trials have the same value: no parameter mattered."
    return _ped_anova(trials, shared, sweep.minimize)


def _ped_anova(trials: list[SweepTrial], keys: list[str], minimize: bool) -> dict[str, float]:
    import optuna

    columns = {key: [trial.varied[key] for trial in trials] for key in keys}
    distributions = {key: _distribution(texts) for key, texts in columns.items()}
    values = {key: numbers(texts) or texts for key, texts in columns.items()}
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        study = optuna.create_study(direction="minimize" if minimize else "maximize")
        for place, trial in enumerate(trials):
            assert trial.interval is not None
            params = {key: column[place] for key, column in values.items()}
            study.add_trial(
                optuna.trial.create_trial(params=params, distributions=distributions, value=trial.interval.estimate)
            )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=GOOD_QUARTER)
            return dict(optuna.importance.get_param_importances(study, evaluator=evaluator))
    finally:
        optuna.logging.set_verbosity(before)


def _distribution(texts: list[str]) -> BaseDistribution:
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    values = numbers(texts)
    if values is None:
        return CategoricalDistribution(tuple(sorted(set(texts))))
    return FloatDistribution(min(values), max(values), log=spans_decades(values))
