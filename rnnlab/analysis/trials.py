"""The trials of a sweep: configurations without a seed, each with its runs and what their values say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rnnlab.analysis.parameters import brief
from rnnlab.analysis.sweep_runs import COMPLETE, NOT_ENDED, PRUNED, SweepRun
from rnnlab.statistics import Interval, mean_interval


class Objective(NamedTuple):
    """A metric, and which way it is better."""

    key: str
    minimize: bool

    @property
    def wish(self) -> str:
        """``lower is better``."""
        return "lower is better" if self.minimize else "higher is better"


@dataclass(frozen=True, slots=True)
class SweepTrial:
    """One configuration and its runs.

    values      the first objective of each complete run; interval: of their mean, None without any
    objectives  the mean of each objective, None where there is no complete run that has them all
    """

    number: int
    varied: dict[str, str]
    runs: tuple[SweepRun, ...]
    values: tuple[float, ...]
    interval: Interval | None
    objectives: tuple[float, ...] | None

    @property
    def title(self) -> str:
        """``cell=lstm stack.depth=2``, or a word where nothing varies but the seed."""
        return " ".join(f"{key}={value}" for key, value in self.varied.items()) or "the one configuration"

    @property
    def brief(self) -> str:
        """The same with short numbers and without the groups of the parameters: ``cell=lstm depth=2``."""
        words = [f"{key.rsplit('.', 1)[-1]}={brief(value)}" for key, value in self.varied.items()]
        return " ".join(words) or "the one configuration"

    @property
    def states(self) -> str:
        """``2 complete, 1 failed``."""
        return counted(run.state for run in self.runs)

    @property
    def was_pruned(self) -> bool:
        """Whether it has no value because a run of it was ended for doing worse than others."""
        return self.interval is None and any(run.state == PRUNED for run in self.runs)

    @property
    def overrides(self) -> tuple[str, ...]:
        """What ``rnnlab train`` is given to train it; empty where no run got far enough to record it."""
        return next((run.overrides for run in self.runs if run.overrides), ())

    @property
    def ended_at(self) -> float | None:
        """When its last run ended, seconds since 1970, infinity where that is not known; None while one goes on."""
        if any(run.state in NOT_ENDED for run in self.runs):
            return None
        return max(math.inf if run.ended_at is None else run.ended_at for run in self.runs)


def make_trials(runs: Iterable[SweepRun], objectives: Sequence[Objective]) -> list[SweepTrial]:
    """The configurations of the runs that began, best first by the first objective; those without a value last."""
    groups: dict[tuple[tuple[str, str], ...], list[SweepRun]] = {}
    for run in runs:
        if run.varied is not None:
            groups.setdefault(tuple(run.varied.items()), []).append(run)
    trials = [_trial(number, group, objectives) for number, group in enumerate(groups.values())]
    sign = 1 if objectives[0].minimize else -1
    return sorted(trials, key=lambda t: (sign * t.interval.estimate if t.interval else math.inf, t.number))


def counted(states: Iterable[str]) -> str:
    """``2 complete, 1 failed``."""
    return ", ".join(f"{count} {state}" for state, count in sorted(Counter(states).items()))


def _trial(number: int, runs: list[SweepRun], objectives: Sequence[Objective]) -> SweepTrial:
    values = _values(runs, objectives[0].key)
    columns = [_values(runs, objective.key) for objective in objectives]
    means = tuple(math.fsum(column) / len(column) for column in columns if column)
    return SweepTrial(
        number=number,
        varied=runs[0].varied or {},
        runs=tuple(runs),
        values=values,
        interval=mean_interval(values) if values else None,
        objectives=means if len(means) == len(objectives) else None,
    )


def _values(runs: list[SweepRun], key: str) -> tuple[float, ...]:
    """The metric of each complete run that has it."""
    found = (run.metrics.get(key, math.nan) for run in runs if run.state == COMPLETE)
    return tuple(value for value in found if math.isfinite(value))
