"""What a sweep found: one row a trial with an interval over its seeds, the best one first."""

from __future__ import annotations

import csv
import io
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rnnlab.statistics import mean_interval
from rnnlab.sweep.base import Direction
from rnnlab.sweep.states import State
from rnnlab.sweep.trial import Run, Trial, command_line
from rnnlab.sweep.work import Outcome


@dataclass(frozen=True, slots=True)
class Row:
    """One trial. values: the first objective of each run that has it. low, high: 95 % interval of their mean
    by Student's t, NaN for fewer than two runs. more: the means of the further objectives, NaN where unknown.
    states: how many of its runs ended in each state.
    """

    trial: Trial
    values: tuple[float, ...]
    states: dict[str, int]
    mean: float
    low: float
    high: float
    more: dict[str, float]


def summarize(
    trials: Mapping[int, list[Run]], outcomes: Mapping[str, Outcome], objectives: Mapping[str, Direction]
) -> list[Row]:
    """A row for each trial, given by its runs, sorted from best to worst; trials without a value come last."""
    metric, *more = objectives
    sign = objectives[metric].sign
    rows = [_row(runs, outcomes, metric, more) for runs in trials.values()]
    return sorted(rows, key=lambda row: (math.isnan(row.mean), sign * row.mean, row.trial.number))


def best(rows: list[Row]) -> Row | None:
    """The first row, if it has a value at all."""
    return rows[0] if rows and not math.isnan(rows[0].mean) else None


def as_dicts(rows: list[Row], metric: str) -> list[dict[str, Any]]:
    """The rows as they are printed and written: what varies, the metric with its interval, counts.

    None stands for a figure that does not exist, and for a parameter that a trial does not have.
    """
    trials = sorted((row.trial for row in rows), key=lambda trial: trial.number)
    columns = dict.fromkeys(key for trial in trials for key in trial.varied)
    return [
        {
            **{key: row.trial.varied.get(key) for key in columns},
            metric: _known(row.mean),
            "low": _known(row.low),
            "high": _known(row.high),
            **{name: _known(value) for name, value in row.more.items()},
            "runs": len(row.values),
            "states": ", ".join(f"{count} {state}" for state, count in sorted(row.states.items())),
        }
        for row in rows
    ]


def as_csv(rows: list[dict[str, Any]], commands: list[str]) -> bytes:
    """The same with full precision, and the command that trains each row's configuration."""
    text = io.StringIO()
    table = [row | {"command": command} for row, command in zip(rows, commands, strict=True)]
    writer = csv.DictWriter(text, table[0] if table else ["command"], lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue().encode()


def commands(rows: list[Row], seeds: tuple[int, ...]) -> list[str]:
    """For each row the command of its first run."""
    return [command_line([*row.trial.overrides, f"seed={seeds[0]}"]) for row in rows]


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


def _row(runs: list[Run], outcomes: Mapping[str, Outcome], metric: str, more: Iterable[str]) -> Row:
    ended = [outcomes[run.id] for run in runs if run.id in outcomes]
    complete = [outcome.metrics for outcome in ended if outcome.state is State.complete]
    states = dict(Counter(outcome.state.value for outcome in ended))
    further = {name: _mean([metrics[name] for metrics in complete if name in metrics]) for name in more}
    values = tuple(metrics[metric] for metrics in complete if metric in metrics)
    if not values:
        return Row(runs[0].trial, values, states, math.nan, math.nan, math.nan, further)
    interval = mean_interval(values)
    return Row(runs[0].trial, values, states, interval.estimate, interval.low, interval.high, further)


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan
