"""The trials of a sweep with what their seeds say: means, and how sure they are."""

from __future__ import annotations

import math

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.trials import SweepTrial
from rnnlab.report.chart import NARROW, WIDE, Chart
from rnnlab.report.framing import without_outliers
from rnnlab.report.markup import Markup
from rnnlab.report.scales import Linear, linear
from rnnlab.report.trials import described, trial_colours
from rnnlab.report.words import shortened

MOST_ROWS = 20
"""Trials that are drawn as rows with their names; more stand as columns, numbered as in the table."""


def intervals(sweep: SweepRecord) -> Markup | str:
    """For each trial its runs as small dots, their mean, the 95 % interval of the mean; the best trial first."""
    trials = sweep.ranked
    if not trials:
        return "No trial has a value yet."
    if not sweep.has_intervals:
        return "No trial has two complete runs: there is no interval over seeds."
    colours = [trial_colours(sweep)[trial.number] for trial in trials]
    values = without_outliers((value for trial in trials for value in _shown(trial)), sweep.minimize)
    if len(trials) > MOST_ROWS:
        return _interval_columns(trials, colours, values, sweep.metric)
    return _interval_rows(trials, colours, values, sweep.metric)


def _shown(trial: SweepTrial) -> list[float]:
    """What an axis must hold. Two seeds make an interval many times wider than they differ: it may leave the frame."""
    low, high = min(trial.values), max(trial.values)
    reach = high - low
    assert trial.interval is not None
    ends = [end for end in (trial.interval.low, trial.interval.high) if math.isfinite(end)]
    return [low, high, *(min(max(end, low - reach), high + reach) for end in ends)]


def _interval_rows(trials: list[SweepTrial], colours: list[str], values: list[float], metric: str) -> Markup:
    row = 26.0
    left = min(280.0, 24 + 6.2 * max(len(trial.brief) for trial in trials))
    chart = Chart(NARROW, row * len(trials) + 60, left=left)
    scale = linear(values, chart.left, chart.right)
    chart.x_axis(scale, metric)
    for place, (trial, colour) in enumerate(zip(trials, colours, strict=True)):
        y = chart.top + row * (place + 0.5)
        chart.text(left - 9, y + 4, shortened(trial.brief, int((left - 18) / 6.2)), anchor="end")
        _interval(chart, scale, y, trial, colour, upright=False)
    return chart.drawn(f"{metric} of each trial with 95 % intervals")


def _interval_columns(trials: list[SweepTrial], colours: list[str], values: list[float], metric: str) -> Markup:
    chart = Chart(WIDE, 340)
    scale = linear(values, chart.bottom, chart.top)
    x = Linear(0.5, len(trials) + 0.5, chart.left, chart.right, whole=True)
    chart.x_axis(x, "trial, by its place in the table")
    chart.y_axis(scale, metric)
    for place, (trial, colour) in enumerate(zip(trials, colours, strict=True), start=1):
        _interval(chart, scale, x.at(place), trial, colour, upright=True)
    return chart.drawn(f"{metric} of each trial with 95 % intervals")


def _interval(chart: Chart, scale: Linear, across: float, trial: SweepTrial, colour: str, *, upright: bool) -> None:
    def pixel(value: float, aside: float = 0.0) -> tuple[float, float]:
        along = scale.at(value)
        return (across + aside, along) if upright else (along, across + aside)

    assert trial.interval is not None
    mean, low, high, _ = trial.interval
    if math.isfinite(low):
        chart.line([pixel(low), pixel(high)], colour, width=2)
        for end in (low, high):
            if scale.low <= end <= scale.high:
                chart.line([pixel(end, -3), pixel(end, 3)], colour, width=2)
    if len(trial.values) > 1:
        for value in trial.values:
            chart.dot(*pixel(value), colour, radius=2.5, opacity=0.55)
    chart.dot(*pixel(mean), colour, radius=4, note=described(trial))
