"""Learning curves: where runs were pruned, and how those that survived went on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rnnlab.analysis.sweep_runs import COMPLETE, PRUNED, Curve
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.chart import NARROW, WIDE, Chart, thinned
from rnnlab.report.colours import NEUTRAL
from rnnlab.report.framing import LARGEST, cut_at_frame, without_outliers
from rnnlab.report.markup import Markup
from rnnlab.report.scales import linear
from rnnlab.report.trials import trial_colours

HEADROOM = 0.3
"""Of the height that the last values take: so much of the way down is shown above them."""
FEW = 24
"""Runs that one picture holds."""


@dataclass(frozen=True, slots=True)
class Line:
    """The curve of one run, and how it looks."""

    points: Curve
    state: str
    colour: str
    width: float
    note: str


def curves(sweep: SweepRecord) -> list[Markup]:
    """The loss against training steps; nothing where no run has logged a loss twice.

    The complete runs are in colour and in front, the best on top. A run that ended early is a thin grey
    line, with a cross at its end where it was pruned. Many runs are parted into two pictures: of all,
    and, enlarged, of the second half of those that completed.
    """
    key = sweep.curve_key
    if key is None:
        return []
    lines = list(_lines(sweep, key))
    lower = sweep.minimize or key != sweep.metric
    if len(lines) <= FEW:
        every = (value for line in lines for _, value in line.points)
        return [_drawn(lines, key, without_outliers(every, lower), WIDE)]
    half = max(step for line in lines for step, _ in line.points) / 2
    late = [
        replace(line, points=[point for point in line.points if point[0] >= half])
        for line in lines
        if line.state == COMPLETE
    ]
    pictures = [(key, lines, _ends(lines, lower))]
    if late:
        pictures.append((f"{key}, second half", late, _ends(late, lower)[: len(late) // 2 + 1]))
    return [_drawn(part, label, _with_room(part, ends, lower), NARROW) for label, part, ends in pictures]


def _lines(sweep: SweepRecord, key: str) -> Iterator[Line]:
    """In the order of drawing: what did not complete, then from the worst trial to the best."""
    colours = trial_colours(sweep)
    runs = [(trial, run) for trial in reversed(sweep.trials) for run in trial.runs if run.curves.get(key)]
    width = 1.6 if len(runs) <= FEW else 1.1
    for trial, run in sorted(runs, key=lambda pair: pair[1].state == COMPLETE):
        best = trial.interval is not None and trial is sweep.trials[0]
        note = f"{trial.title} seed={run.seed}, {run.state}"
        yield Line(run.curves[key], run.state, colours[trial.number], 2.8 if best else width, note)


def _drawn(lines: Sequence[Line], key: str, shown: Sequence[float], width: float) -> Markup:
    """shown: what the axis of the values holds; what lies beyond leaves the frame."""
    chart = Chart(width, 380)
    x = linear([step for line in lines for step, _ in line.points], chart.left, chart.right, air=0.015)
    y = linear(shown, chart.bottom, chart.top, air=0.03)
    chart.x_axis(x, "training step")
    chart.y_axis(y, key)
    for line in lines:
        cut = cut_at_frame(thinned(line.points), y.low, y.high)
        pixels = [(x.at(step), y.at(value) if math.isfinite(value) else math.nan) for step, value in cut]
        if line.state == COMPLETE:
            chart.line(pixels, line.colour, width=line.width, opacity=0.9, note=line.note)
        else:
            _ended_early(chart, pixels, line)
    return chart.drawn(f"{key} against training steps")


def _ended_early(chart: Chart, pixels: list[tuple[float, float]], line: Line) -> None:
    chart.line(pixels, NEUTRAL, width=0.9, opacity=0.5, note=line.note)
    seen = [pixel for pixel in pixels if math.isfinite(pixel[1])]
    if seen and line.state == PRUNED:
        chart.cross(*seen[-1], NEUTRAL, note=line.note)


def _ends(lines: Sequence[Line], lower: bool) -> list[float]:
    """Where the curves end, best first, without those that end far off."""
    known = [[value for _, value in line.points if abs(value) < LARGEST] for line in lines]
    return without_outliers((values[-1] for values in known if values), lower)


def _with_room(lines: Sequence[Line], ends: Sequence[float], lower: bool) -> list[float]:
    """The best value of the curves, and the worst of these ends with a part of the way down to it."""
    every = [value for line in lines for _, value in line.points if abs(value) < LARGEST]
    best = (min if lower else max)(every, default=0.0)
    worst = ends[-1] if ends else best
    return [best, worst + HEADROOM * (worst - best)]
