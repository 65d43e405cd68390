"""The pictures of one sweep that show its trials and parameters. Each is an SVG, or the sentence why there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rnnlab.analysis.search import importance
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.chart import NARROW, WIDE, Chart, thinned
from rnnlab.report.colours import BEST
from rnnlab.report.markup import Markup
from rnnlab.report.scales import Linear, Tick, for_parameter, linear, shortened
from rnnlab.report.trials import described, mean_of, trial_colours


def curves(sweep: SweepRecord) -> Markup | str:
    """The loss against training steps: a line for each run, the colour of its trial; the best in front."""
    key = sweep.curve_key
    if key is None:
        return "No run has logged a validation loss twice yet: there are no learning curves."
    lines = [
        (trial, run.seed, thinned(run.curves[key]))
        for trial in reversed(sweep.trials)
        for run in trial.runs
        if key in run.curves
    ]
    chart = Chart(NARROW, 330)
    x = linear([0, *(step for _, _, points in lines for step, _ in points)], chart.left, chart.right, air=0.02)
    y = _trimmed([value for _, _, points in lines for _, value in points], chart.bottom, chart.top)
    chart.x_axis(x, "training step")
    chart.y_axis(y, key)
    colours, few = trial_colours(sweep), len(lines) <= 24
    for trial, seed, points in lines:
        pixels = [(x.at(step), y.at(value) if math.isfinite(value) else math.nan) for step, value in points]
        note = f"{trial.title} seed={seed}"
        chart.line(pixels, colours[trial.number], width=1.6 if few else 1.0, opacity=1 if few else 0.7, note=note)
    return chart.drawn(f"{key} against training steps")


def slices(sweep: SweepRecord) -> list[Markup]:
    """For each parameter that varies, the trials' means against its values, and the mean at each value."""
    ranked, colours = sweep.ranked, trial_colours(sweep)
    drawn = []
    for key in sweep.varying:
        trials = [trial for trial in ranked if key in trial.varied]
        texts = [trial.varied[key] for trial in trials]
        if len(set(texts)) < 2:
            continue
        chart = Chart(360, 260, bottom=62)
        x, places = for_parameter(texts, chart.left, chart.right)
        y = linear([mean_of(trial) for trial in trials], chart.bottom, chart.top, air=0.08)
        chart.x_axis(x, key)
        chart.y_axis(y, sweep.metric)
        for trial, place in reversed(list(zip(trials, places, strict=True))):
            chart.dot(x.at(place), y.at(mean_of(trial)), colours[trial.number], opacity=0.85, note=described(trial))
        _means(chart, [(x.at(place), y.at(mean_of(trial))) for trial, place in zip(trials, places, strict=True)])
        drawn.append(chart.drawn(f"{sweep.metric} against {key}"))
    return drawn


def parallel(sweep: SweepRecord) -> Markup | str:
    """Parallel coordinates: a line for each trial across its parameters to its value; the best is thick."""
    trials = sweep.ranked
    keys = [key for key in sweep.varying if len({t.varied[key] for t in trials if key in t.varied}) > 1]
    if len(keys) < 2:
        return f"Parallel coordinates need two parameters that vary; there {'is one' if keys else 'is none'}."
    chart = Chart(WIDE, 340, left=70, right=70, top=34, bottom=16)
    step = (chart.right - chart.left) / len(keys)
    uprights: list[tuple[float, str, list[Tick]]] = []
    paths: dict[int, list[tuple[float, float]]] = {trial.number: [] for trial in trials}
    for place, key in enumerate(keys):
        having = [trial for trial in trials if key in trial.varied]
        scale, values = for_parameter([trial.varied[key] for trial in having], chart.bottom, chart.top)
        uprights.append((chart.left + place * step, key, scale.ticks()))
        for trial, value in zip(having, values, strict=True):
            paths[trial.number].append((chart.left + place * step, scale.at(value)))
    outcome = linear([mean_of(trial) for trial in trials], chart.bottom, chart.top)
    uprights.append((chart.right, sweep.metric, outcome.ticks()))
    colours = trial_colours(sweep)
    for trial in reversed(trials):
        points = [*paths[trial.number], (chart.right, outcome.at(mean_of(trial)))]
        best = trial is trials[0]
        chart.line(points, colours[trial.number], width=3.5 if best else 1.4, opacity=0.9, note=described(trial))
    for upright in uprights:
        _upright(chart, *upright)
    return chart.drawn("parallel coordinates of all trials")


def importances(sweep: SweepRecord) -> Markup | str:
    """A bar for each parameter: its share in what makes a trial good."""
    found = importance(sweep)
    if isinstance(found, str):
        return found
    left = min(220.0, 24 + 6.4 * max(map(len, found)))
    chart = Chart(NARROW, 30.0 * len(found) + 58, left=left, right=48)
    x = Linear(0, 1, chart.left, chart.right)
    chart.x_axis(x, "share of importance (PED-ANOVA, best quarter of the trials)")
    for place, (key, share) in enumerate(sorted(found.items(), key=lambda pair: -pair[1])):
        y = chart.top + 30 * place
        chart.text(left - 9, y + 19, shortened(key, 32), anchor="end")
        chart.bar(left, y + 5, x.at(share) - left, 20, BEST, f"{key}: {share:.3f}")
        chart.text(x.at(share) + 6, y + 19, f"{share:.2f}")
    return chart.drawn("importance of the parameters")


def _means(chart: Chart, pixels: Sequence[tuple[float, float]], most: int = 12) -> None:
    """A short bar at the mean of the dots above each place on the x axis, where dots share places."""
    columns: dict[float, list[float]] = {}
    for x, y in pixels:
        columns.setdefault(x, []).append(y)
    if len(columns) > most or len(columns) == len(pixels):
        return
    for x, heights in columns.items():
        y = sum(heights) / len(heights)
        chart.line([(x - 12, y), (x + 12, y)], "currentColor", width=2, note="mean at this value")


def _trimmed(values: list[float], start: float, end: float) -> Linear:
    """An axis whose top leaves out the highest fiftieth: one run that blew up does not flatten the others."""
    known = sorted(value for value in values if math.isfinite(value))
    return linear(known[: max(2, math.ceil(0.98 * len(known)))], start, end)


def _upright(chart: Chart, x: float, label: str, ticks: list[Tick]) -> None:
    """An axis among others; the last one has its ticks on the outer side."""
    chart.line([(x, chart.top), (x, chart.bottom)], "currentColor", width=1, opacity=0.5)
    chart.text(x, chart.top - 16, shortened(label, 24), anchor="middle", class_="label")
    aside, anchor = (7, "start") if x == chart.right else (-7, "end")
    for y, text in ticks:
        chart.text(x + aside, y + 4, text, anchor=anchor, class_="tick over")
