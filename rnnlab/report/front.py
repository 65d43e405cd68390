"""The Pareto front of a sweep with several objectives."""

from __future__ import annotations

from rnnlab.analysis.front import pareto_front
from rnnlab.analysis.parameters import spans_decades
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.chart import NARROW, Chart
from rnnlab.report.markup import Markup
from rnnlab.report.scales import Linear, Logarithmic, linear, logarithmic
from rnnlab.report.trials import trial_colours
from rnnlab.report.words import figure


def fronts(sweep: SweepRecord) -> list[Markup]:
    """The first objective against each other one: a dot for each trial, a ring around those that none dominates.

    With two objectives a line joins the front. None where no trial has a value of each.
    """
    if not any(trial.objectives for trial in sweep.trials):
        return []
    return [_against(sweep, other) for other in range(1, len(sweep.objectives))]


def _against(sweep: SweepRecord, other: int) -> Markup:
    points = {t.number: (t.objectives[other], t.objectives[0]) for t in sweep.trials if t.objectives is not None}
    chart = Chart(NARROW, 360, bottom=52)
    x = _axis([a for a, _ in points.values()], chart.left, chart.right)
    y = linear([b for _, b in points.values()], chart.bottom, chart.top, air=0.08)
    chart.x_axis(x, f"{sweep.objectives[other].key} ({sweep.objectives[other].wish})")
    chart.y_axis(y, f"{sweep.metric} ({sweep.objectives[0].wish})")
    pixels = {number: (x.at(a), y.at(b)) for number, (a, b) in points.items()}
    front = [pixels[trial.number] for trial in pareto_front(sweep)]
    if len(sweep.objectives) == 2:
        chart.line(_steps(sorted(front), sweep.objectives[other].minimize), "currentColor", width=1.5, dashes="5 4")
    colours = trial_colours(sweep)
    for trial in reversed(sweep.trials):
        if trial.number in pixels:
            values = ", ".join(figure(value) for value in trial.objectives or ())
            chart.dot(*pixels[trial.number], colours[trial.number], opacity=0.9, note=f"{trial.title}: {values}")
    for pixel in front:
        chart.ring(*pixel, "currentColor")
    return chart.drawn(f"{sweep.metric} against {sweep.objectives[other].key} with the Pareto front")


def _axis(values: list[float], start: float, end: float) -> Linear | Logarithmic:
    """Sizes and times of models often lie decades apart."""
    return logarithmic(values, start, end) if spans_decades(values) else linear(values, start, end, air=0.06)


def _steps(front: list[tuple[float, float]], level_first: bool) -> list[tuple[float, float]]:
    """The border of what the front dominates, from left to right; level first where less is better on the x axis."""
    pixels = front[:1]
    for x, y in front[1:]:
        corner = (x, pixels[-1][1]) if level_first else (pixels[-1][0], y)
        pixels += [corner, (x, y)]
    return pixels
