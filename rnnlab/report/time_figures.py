"""The pictures that have time on an axis: the best so far, and what each slot did when."""

from __future__ import annotations

from collections.abc import Sequence

from rnnlab.analysis.search import history
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.timeline import lanes
from rnnlab.report.chart import NARROW, WIDE, Chart
from rnnlab.report.colours import NEUTRAL, by_rank, ink_on
from rnnlab.report.markup import Markup
from rnnlab.report.scales import linear, shortened
from rnnlab.report.trials import trial_colours

MINUTE, HOUR = 60.0, 3600.0


def time_unit(longest: float) -> tuple[float, str]:
    """(seconds of a unit, its symbol) to show times of up to ``longest`` seconds in."""
    if longest > 3 * HOUR:
        return HOUR, "h"
    return (MINUTE, "min") if longest > 3 * MINUTE else (1.0, "s")


def duration(seconds: float) -> str:
    """``88 s``, ``12.5 min``, ``7.2 h``."""
    divisor, symbol = time_unit(seconds)
    return f"{seconds:.0f} s" if symbol == "s" else f"{seconds / divisor:.1f} {symbol}"


def best_so_far(sweep: SweepRecord) -> Markup | str:
    """Each complete run as a dot at the time it ended, and the best value by then as a line."""
    milestones = history(sweep)
    if not milestones:
        return "No run is complete yet: there is no history."
    owners = {run.id: trial for trial in sweep.trials for run in trial.runs}
    colours = trial_colours(sweep)
    divisor, symbol = time_unit(milestones[-1].seconds)
    chart = Chart(NARROW, 330)
    x = linear([0, milestones[-1].seconds / divisor], chart.left, chart.right, air=0.03)
    y = linear([milestone.value for milestone in milestones], chart.bottom, chart.top, air=0.08)
    chart.x_axis(x, f"time since the first run began ({symbol})")
    chart.y_axis(y, sweep.metric)
    steps = _stairs([(x.at(m.seconds / divisor), y.at(m.best)) for m in milestones], x.at(x.high))
    chart.line(steps, "currentColor", width=2, note="best so far")
    for milestone in milestones:
        trial = owners[milestone.run_id]
        pixel = x.at(milestone.seconds / divisor), y.at(milestone.value)
        note = f"{trial.title}, run {milestone.run_id}: {milestone.value:.5g}"
        chart.dot(*pixel, colours[trial.number], opacity=0.9, note=note)
    return chart.drawn(f"best {sweep.metric} so far against time")


def side_by_side(sweeps: Sequence[SweepRecord]) -> list[Markup]:
    """The best so far of several sweeps, against the number of complete runs, and against time."""
    found = [history(sweep) for sweep in sweeps]
    longest = max((m[-1].seconds for m in found if m), default=0.0)
    if not any(found):
        return []
    divisor, symbol = time_unit(longest)
    by_count = [[(float(k), m.best) for k, m in enumerate(milestones, start=1)] for milestones in found]
    by_time = [[(m.seconds / divisor, m.best) for m in milestones] for milestones in found]
    metric = " / ".join(dict.fromkeys(sweep.metric for sweep in sweeps))
    return [
        _joint(by_count, metric, "complete runs", sweeps),
        _joint(by_time, metric, f"time since the first run began ({symbol})", sweeps),
    ]


def timeline(sweep: SweepRecord) -> Markup | str:
    """Each run as a bar from its start to its end, in the lane of a slot."""
    laid = lanes(sweep.spans)
    if not laid:
        return "No run has begun yet."
    begin = min(lane[0].start for lane in laid)
    length = max(lane[-1].end for lane in laid) - begin
    divisor, symbol = time_unit(length)
    height = 30.0 if len(laid) <= 8 else 16.0
    chart = Chart(WIDE, height * len(laid) + 60, left=70)
    x = linear([0, length / divisor], chart.left, chart.right, air=0.01)
    chart.x_axis(x, f"time since the first run began ({symbol})")
    owners = {run.id: (trial, run) for trial in sweep.trials for run in trial.runs}
    colours = trial_colours(sweep)
    for place, lane in enumerate(laid):
        y = chart.top + place * height
        chart.text(chart.left - 9, y + height / 2 + 4, f"slot {place + 1}", anchor="end")
        for span in lane:
            left, right = (x.at((time - begin) / divisor) for time in (span.start, span.end))
            trial, run = owners.get(span.run_id, (None, None))
            title = f"{trial.title} seed={run.seed}" if trial and run else span.run_id
            note = f"{title}, {run.state if run else 'unknown'}, {duration(span.end - span.start)}"
            colour = colours[trial.number] if trial else NEUTRAL
            chart.bar(left, y + 3, max(right - left - 1, 1), height - 6, colour, note)
            fitting = int((right - left - 12) / 6.4)
            if height > 20 and fitting >= 6:
                chart.text(left + 6, y + height / 2 + 4, shortened(title, fitting), class_=ink_on(colour))
    return chart.drawn("what each slot ran, against time")


def _joint(curves: list[list[tuple[float, float]]], metric: str, label: str, sweeps: Sequence[SweepRecord]) -> Markup:
    chart = Chart(NARROW, 330)
    x = linear([0.0, *(x for curve in curves for x, _ in curve)], chart.left, chart.right, air=0.03)
    y = linear([y for curve in curves for _, y in curve], chart.bottom, chart.top, air=0.08)
    chart.x_axis(x, label)
    chart.y_axis(y, f"{metric}, best so far")
    for sweep, curve, colour in zip(sweeps, curves, sweep_colours(sweeps), strict=True):
        pixels = [(x.at(a), y.at(b)) for a, b in curve]
        if pixels:
            chart.line(_stairs(pixels, pixels[-1][0]), colour, width=2.2, note=f"sweep {sweep.id}")
            chart.dot(*pixels[-1], colour, note=f"sweep {sweep.id}")
    return chart.drawn(f"best {metric} so far of each sweep against {label}")


def sweep_colours(sweeps: Sequence[SweepRecord]) -> list[str]:
    """A colour for each sweep of a comparison."""
    return by_rank(len(sweeps))


def _stairs(points: list[tuple[float, float]], end: float) -> list[tuple[float, float]]:
    """Level until the next point, and from the last one to ``end``."""
    stairs = points[:1]
    for x, y in points[1:]:
        stairs += [(x, stairs[-1][1]), (x, y)]
    return [*stairs, (end, stairs[-1][1])]
