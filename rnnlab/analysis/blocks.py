"""Options compared at equal budgets: those of a list that all got the same draws of everything else.

A sweep with ``sweep.blocks=[cell,data]`` compares cells, once for each dataset. Values of one draw are a pair:
they differ in the option alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from rnnlab.analysis.importance import BAD_ENDS
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.trials import SweepTrial
from rnnlab.statistics import Interval, block_interval, bootstrap_interval, holm, sign_flip_test, wilson_interval

LEVEL = 0.05
"""Of the chance that any option of a panel is called better or worse while none is."""
TOP = 0.25
"""The share of an option's trials that stands for it tuned."""
Draw = tuple[tuple[str, str], ...]


class Verdict(StrEnum):
    """What the common draws say of an option beside the reference."""

    better = "better"
    worse = "worse"
    unclear = "not distinguishable at this budget"


@dataclass(frozen=True, slots=True)
class Contrast:
    """An option minus the reference: the mean over their common draws with its 95 % bootstrap interval.

    p: of the sign-flip test, adjusted by Holm for all options of the panel.
    """

    difference: Interval
    p: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """One option.

    scores    of each draw that ended; where no run of it came to a value, the worst of the panel
    best      the best trial, its 95 % interval over seeds
    top       the median of the best quarter of the draws, with its bootstrap interval over draws
    lost      the share of draws that came to no value, with its 95 % interval
    contrast  None for the reference, and where the two have no draw in common yet
    """

    option: str
    scores: dict[Draw, float]
    best: Interval | None
    top: Interval
    lost: Interval
    contrast: Contrast | None


@dataclass(frozen=True, slots=True)
class Panel:
    """The options of ``key`` under one combination of the other blocks, or on the data, which ``name`` tells; the
    first one listed is the reference. trials: all of them.
    """

    name: str
    key: str
    reference: str
    standings: tuple[Standing, ...]
    trials: tuple[SweepTrial, ...]

    @property
    def title(self) -> str:
        """``cell``, or ``cell, data=digits``."""
        return ", ".join(word for word in (self.key, self.name) if word)


def panels(sweep: SweepRecord) -> list[Panel]:
    """A comparison for each combination of the blocks after the first one; none where a sweep has no blocks."""
    if not sweep.blocks:
        return []
    key, *others = sweep.blocks
    groups: dict[str, list[SweepTrial]] = {}
    for trial in sorted(sweep.trials, key=lambda trial: trial.number):
        if has_ended(trial) and all(block in trial.varied for block in sweep.blocks):
            groups.setdefault(" ".join(f"{other}={trial.varied[other]}" for other in others), []).append(trial)
    scored_groups = {name: trials for name, trials in groups.items() if any(trial.interval for trial in trials)}
    return [_panel(name or sweep.data, key, trials, sweep) for name, trials in scored_groups.items()]


def has_ended(trial: SweepTrial) -> bool:
    """Whether a trial has a score: a value, or an end that is as bad as any."""
    return trial.interval is not None or any(run.state in BAD_ENDS for run in trial.runs)


def scored(trials: Sequence[SweepTrial], minimize: bool) -> list[float]:
    """The mean of each trial over its seeds; for one without a value, the worst of the others."""
    known = [trial.interval.estimate for trial in trials if trial.interval]
    worst = (max if minimize else min)(known, default=math.nan)
    return [trial.interval.estimate if trial.interval else worst for trial in trials]


def best_quarter(scores: Sequence[float] | np.ndarray, minimize: bool) -> np.ndarray:
    """The best quarter, at least one, best first."""
    ranked = np.sort(np.asarray(scores)) if minimize else -np.sort(-np.asarray(scores))
    return ranked[: max(1, math.ceil(TOP * len(ranked)))]


def contrasts(scores: Mapping[str, Mapping[Draw, float]], reference: str, minimize: bool) -> dict[str, Contrast]:
    """Each option that has draws in common with the reference; scores: of each option by its draws."""
    base = scores.get(reference, {})
    pairs = {option: [by[draw] - base[draw] for draw in by if draw in base] for option, by in scores.items()}
    others = {option: found for option, found in pairs.items() if found and option != reference}
    adjusted = holm([sign_flip_test(found) for found in others.values()])
    return {option: _contrast(found, p, minimize) for (option, found), p in zip(others.items(), adjusted, strict=True)}


def fewest_draws(comparisons: int) -> int:
    """How many draws it takes for a verdict: with fewer, not even differences of one sign all are significant."""
    return math.ceil(1 + math.log2(max(1, comparisons) / LEVEL))


def _panel(name: str, key: str, trials: list[SweepTrial], sweep: SweepRecord) -> Panel:
    listed = sweep.space[key]
    shared = set.intersection(*(set(trial.varied) for trial in trials)) - set(sweep.blocks)
    found: dict[str, dict[Draw, tuple[SweepTrial, float]]] = {option: {} for option in listed}
    for trial, score in zip(trials, scored(trials, sweep.minimize), strict=True):
        draw = tuple((word, value) for word, value in trial.varied.items() if word in shared)
        found.setdefault(trial.varied[key], {})[draw] = trial, score
    scores = {option: {draw: score for draw, (_, score) in by.items()} for option, by in found.items() if by}
    compared = contrasts(scores, listed[0], sweep.minimize)
    standings = [
        _standing(option, [trial for trial, _ in found[option].values()], scores[option], compared.get(option), sweep)
        for option in scores
    ]
    return Panel(name, key, listed[0], tuple(standings), tuple(trials))


def _standing(
    option: str, trials: list[SweepTrial], scores: dict[Draw, float], contrast: Contrast | None, sweep: SweepRecord
) -> Standing:
    means = [trial.interval for trial in trials if trial.interval]
    sign = 1 if sweep.minimize else -1

    def median(values: np.ndarray) -> float:
        return float(np.median(best_quarter(values, sweep.minimize)))

    return Standing(
        option=option,
        scores=scores,
        best=min(means, key=lambda mean: sign * mean.estimate, default=None),
        top=bootstrap_interval(list(scores.values()), median),
        lost=wilson_interval(len(trials) - len(means), len(trials)),
        contrast=contrast,
    )


def _contrast(differences: list[float], p: float, minimize: bool) -> Contrast:
    mean = block_interval(differences, [1.0] * len(differences))
    is_better = (mean.estimate < 0) == minimize
    verdict = Verdict.unclear if not p <= LEVEL else Verdict.better if is_better else Verdict.worse
    return Contrast(mean, p, verdict)
