"""Which parameter mattered: PED-ANOVA (Watanabe, Bansal and Hutter 2023), as Optuna has it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnlab.analysis.parameters import is_logarithmic, numbers
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.trials import SweepTrial

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

FEWEST_TRIALS = 8
GOOD_QUARTER = 0.25
FEW_VALUES = 6
"""A number that takes at most so many values is judged as a list of them: a smooth density would invent others."""
BAD_ENDS = ("pruned", "diverged")


def importance(sweep: SweepRecord) -> dict[str, float] | str:
    """The share of each parameter in what tells the best quarter of the trials from the others.

    Trials that were pruned or diverged are among the others. Shares add up to 1. A parameter that only
    some trials have counts where they have it. Where all this says nothing: the sentence why.
    """
    judged = [trial for trial in sweep.trials if trial.interval or _ended_badly(trial)]
    keys = [key for key in sweep.varying if len({trial.varied[key] for trial in judged if key in trial.varied}) > 1]
    if len(judged) < FEWEST_TRIALS or len(sweep.ranked) < 2 or len(keys) < 2:
        return (
            f"Importance needs at least {FEWEST_TRIALS} trials that ended (there: {len(judged)}), 2 of them with"
            f" a value (there: {len(sweep.ranked)}), and 2 parameters that vary (there: {len(keys)})."
        )
    if len(set(_costs(judged, sweep.minimize))) == 1:
        return "All trials have the same value: no parameter mattered."
    found = _ped_anova(judged, {key: sweep.space.get(key, []) for key in keys}, _costs(judged, sweep.minimize))
    if not math.isfinite(sum(found.values())) or sum(found.values()) == 0:
        return "The best quarter of the trials has the same parameters as the others: none mattered."
    return found


def _ended_badly(trial: SweepTrial) -> bool:
    return any(run.state in BAD_ENDS for run in trial.runs)


def _costs(trials: Sequence[SweepTrial], minimize: bool) -> list[float]:
    """The mean of each trial, turned so that lower is better; one without a value is worse than all others."""
    sign = 1 if minimize else -1
    known = {trial.number: sign * trial.interval.estimate for trial in trials if trial.interval}
    worst = max(known.values())
    return [known.get(trial.number, worst + abs(worst) + 1) for trial in trials]


def _ped_anova(trials: Sequence[SweepTrial], space: dict[str, list[str]], costs: list[float]) -> dict[str, float]:
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        study = optuna.create_study()
        columns = {key: _column(trials, key, listed) for key, listed in space.items()}
        for place, cost in enumerate(costs):
            params = {key: values[place] for key, (_, values) in columns.items() if place in values}
            distributions = {key: columns[key][0] for key in params}
            study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=cost))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is experimental, and that few trials say little
            evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=GOOD_QUARTER)
            return dict(optuna.importance.get_param_importances(study, evaluator=evaluator))
    finally:
        optuna.logging.set_verbosity(before)


def _column(
    trials: Sequence[SweepTrial], key: str, listed: list[str]
) -> tuple[BaseDistribution, dict[int, float | str]]:
    """Where a parameter's values lie, and the value of each trial (by its place) that has it."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    texts = {place: trial.varied[key] for place, trial in enumerate(trials) if key in trial.varied}
    values = numbers(list(texts.values()))
    if values is None or not all(map(math.isfinite, values)) or len(set(values)) <= FEW_VALUES:
        return CategoricalDistribution(tuple(sorted(set(texts.values())))), {**texts}
    axis = FloatDistribution(min(values), max(values), log=is_logarithmic(listed, values))
    return axis, dict(zip(texts, values, strict=True))
