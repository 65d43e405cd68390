"""Parallel coordinates: all trials across all their parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.trials import SweepTrial
from rnnlab.report.chart import CHARACTER, WIDE, Chart
from rnnlab.report.colours import NEUTRAL
from rnnlab.report.framing import without_outliers
from rnnlab.report.markup import Markup
from rnnlab.report.scales import Linear, Tick, for_parameter, linear
from rnnlab.report.trials import described, mean_of, trial_colours
from rnnlab.report.words import short_key

UNSET = 20.0
"""Pixels below an axis where the lines of trials without its parameter pass."""
Upright = tuple[list[float], list[Tick]]


def parallel(sweep: SweepRecord) -> Markup | str:
    """A line for each trial across its parameters to its value; the best is thick, pruned ones stay behind."""
    if not sweep.ranked:
        return "No trial has a value yet."
    trials = [trial for trial in sweep.trials if trial.interval or trial.was_pruned]
    keys = _axes(sweep, trials)
    if len(keys) < 2:
        return f"Parallel coordinates need two parameters that vary; there {'is one' if keys else 'is none'}."
    chart = Chart(WIDE, 380, left=70, right=70, top=34, bottom=36)
    step = (chart.right - chart.left) / len(keys)
    places = [chart.left + place * step for place in range(len(keys))]
    uprights = [_upright(chart, trials, key, sweep.space.get(key, ())) for key in keys]
    outcome = linear(without_outliers(map(mean_of, sweep.ranked), sweep.minimize), chart.bottom, chart.top)
    _lines(chart, sweep, trials, places, [heights for heights, _ in uprights], outcome)
    room = int(step / CHARACTER) - 2
    for x, key, (_, ticks) in zip(places, keys, uprights, strict=True):
        _axis(chart, x, short_key(key, room), ticks)
    _axis(chart, chart.right, short_key(sweep.metric, room), outcome.ticks())
    return chart.drawn("parallel coordinates of all trials")


def _axes(sweep: SweepRecord, trials: Sequence[SweepTrial]) -> list[str]:
    """The parameters that vary; first those that some trials lack, whose lines all pass through one point."""
    columns = {key: [trial.varied[key] for trial in trials if key in trial.varied] for key in sweep.varying}
    varying = [key for key, texts in columns.items() if len(set(texts)) > 1]
    return sorted(varying, key=lambda key: len(columns[key]) == len(trials))


def _upright(chart: Chart, trials: Sequence[SweepTrial], key: str, listed: Sequence[str]) -> Upright:
    """The height of each trial on the axis of a parameter, and the axis' ticks."""
    texts = [trial.varied[key] for trial in trials if key in trial.varied]
    scale, values = for_parameter(texts, chart.bottom, chart.top, listed)
    known = iter(values)
    heights = [scale.at(next(known)) if key in trial.varied else chart.bottom + UNSET for trial in trials]
    unset = [] if len(texts) == len(trials) else [(chart.bottom + UNSET, "not set")]
    return heights, [*scale.ticks(), *unset]


def _lines(
    chart: Chart,
    sweep: SweepRecord,
    trials: Sequence[SweepTrial],
    places: Sequence[float],
    columns: Sequence[Sequence[float]],
    outcome: Linear,
) -> None:
    colours = trial_colours(sweep)
    for place in reversed(range(len(trials))):
        trial = trials[place]
        points = [(x, column[place]) for x, column in zip(places, columns, strict=True)]
        if trial.interval is None:
            chart.line(points, NEUTRAL, width=0.8, opacity=0.35, note=described(trial))
            continue
        points.append((chart.right, outcome.at(mean_of(trial))))
        best = trial is sweep.ranked[0]
        chart.line(points, colours[trial.number], width=3.5 if best else 1.4, opacity=0.9, note=described(trial))


def _axis(chart: Chart, x: float, label: str, ticks: list[Tick]) -> None:
    """An axis among others; the last one has its ticks on the outer side."""
    chart.line([(x, chart.top), (x, chart.bottom)], "currentColor", width=1, opacity=0.5)
    chart.text(x, chart.top - 16, label, anchor="middle", class_="label")
    aside, anchor = (7, "start") if math.isclose(x, chart.right) else (-7, "end")
    for y, text in ticks:
        chart.text(x + aside, y + 4, text, anchor=anchor, class_="tick over")
