"""The best so far: of one sweep trial by trial, and of several sweeps in one picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from rnnlab.analysis.search import Milestone, history
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.chart import NARROW, Chart
from rnnlab.report.colours import NEUTRAL, by_rank
from rnnlab.report.framing import without_outliers
from rnnlab.report.markup import Markup
from rnnlab.report.scales import Linear, linear
from rnnlab.report.trials import described, trial_colours
from rnnlab.report.words import time_unit

NEAR = 0.5
"""How far beyond the middle half of the trials a dot has its true place; farther ones stand on the border."""
Pixels = list[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Spending:
    """What a search spends, as an axis; whole: in pieces."""

    label: str
    whole: bool
    of: Callable[[Milestone], float]

    def axis(self, milestones: Iterable[Milestone], chart: Chart) -> Linear:
        """From nothing spent to the last milestone."""
        x = linear([0.0, *map(self.of, milestones)], chart.left, chart.right, air=0.03)
        return replace(x, whole=self.whole)


def spendings(histories: Sequence[list[Milestone]]) -> tuple[Spending, Spending]:
    """Trials, and training time in a unit that suits the longest of the searches."""
    longest = max((milestones[-1].spent for milestones in histories if milestones), default=0.0)
    divisor, symbol = time_unit(longest)
    by_time = Spending(f"training time of these trials ({symbol})", False, lambda milestone: milestone.spent / divisor)
    return Spending("trials that ended", True, lambda milestone: float(milestone.place)), by_time


def best_so_far(sweep: SweepRecord) -> list[Markup]:
    """The best value against trials and against training time; none where no trial has a value yet.

    A dot for each trial at its mean, a cross below the frame's top for one that was pruned.
    """
    milestones = history(sweep)
    if not any(milestone.best is not None for milestone in milestones):
        return []
    return [_one(sweep, milestones, spending) for spending in spendings([milestones])]


def _one(sweep: SweepRecord, milestones: list[Milestone], spending: Spending) -> Markup:
    chart = Chart(NARROW, 330, top=28 if any(milestone.value is None for milestone in milestones) else 12)
    x = spending.axis(milestones, chart)
    values = [milestone.value for milestone in milestones if milestone.value is not None]
    y = linear(without_outliers(values, sweep.minimize, NEAR), chart.bottom, chart.top, air=0.08)
    chart.x_axis(x, spending.label)
    chart.y_axis(y, sweep.metric)
    colours = trial_colours(sweep)
    chart.line(stairs(milestones, spending, x, y), "currentColor", width=2, note="best so far")
    for milestone in milestones:
        at, note = x.at(spending.of(milestone)), described(milestone.trial)
        if milestone.value is None:
            chart.cross(at, 14, NEUTRAL, opacity=0.8, note=note)
        else:
            chart.dot(at, y.at(milestone.value), colours[milestone.trial.number], opacity=0.9, note=note)
    return chart.drawn(f"best {sweep.metric} so far against {spending.label}")


def together(sweeps: Sequence[SweepRecord], names: Sequence[str]) -> list[Chart]:
    """The best so far of several sweeps, against trials and against training time; none without any value."""
    histories = [history(sweep) for sweep in sweeps]
    if not any(milestone.best is not None for milestones in histories for milestone in milestones):
        return []
    return [_joint(sweeps, names, histories, spending) for spending in spendings(histories)]


def _joint(
    sweeps: Sequence[SweepRecord], names: Sequence[str], histories: list[list[Milestone]], spending: Spending
) -> Chart:
    chart = Chart(NARROW, 340, right=24)
    x = spending.axis([milestone for milestones in histories for milestone in milestones], chart)
    y = _axis_of_bests(histories, sweeps[0].minimize, chart)
    chart.x_axis(x, spending.label)
    chart.y_axis(y, f"{' / '.join(dict.fromkeys(sweep.metric for sweep in sweeps))}, best so far")
    drawn = list(zip(names, sweep_colours(sweeps), histories, strict=True))
    for name, colour, milestones in drawn:
        for milestone in milestones:
            if milestone.value is not None and y.low <= milestone.value <= y.high:
                note = f"{name}: {described(milestone.trial)}"
                chart.dot(
                    x.at(spending.of(milestone)), y.at(milestone.value), colour, radius=2.5, opacity=0.4, note=note
                )
    for name, colour, milestones in drawn:
        _staircase(chart, x, y, spending, name, colour, milestones)
    return chart


def _staircase(
    chart: Chart, x: Linear, y: Linear, spending: Spending, name: str, colour: str, milestones: list[Milestone]
) -> None:
    """The line of one sweep, dotted on to the border from where it ended."""
    pixels = stairs(milestones, spending, x, y)
    if not pixels:
        return
    chart.line(pixels, colour, width=2.6, note=name)
    end = pixels[-1]
    if chart.right - end[0] > 0.1 * (chart.right - chart.left):
        chart.line([end, (chart.right, end[1])], colour, width=1.2, opacity=0.7, dashes="2 4", note=f"{name}: ended")
    chart.dot(*end, colour, radius=4.5, note=f"{name}: {milestones[-1].best:.5g}")


def stairs(milestones: list[Milestone], spending: Spending, x: Linear, y: Linear) -> Pixels:
    """The best so far in pixels: level until a better one; it enters the frame where it first fits into it."""
    known = [(spending.of(m), m.best) for m in milestones if m.best is not None]
    inside = [(x.at(a), y.at(best)) for a, best in known if y.low <= best <= y.high]
    worse_border = y.at(math.inf) if known and known[0][1] > y.high else y.at(-math.inf)
    pixels: Pixels = [(inside[0][0], worse_border)] if 0 < len(inside) < len(known) else inside[:1]
    for across, height in inside:
        pixels += [(across, pixels[-1][1]), (across, height)]
    return pixels


def _axis_of_bests(histories: list[list[Milestone]], minimize: bool, chart: Chart) -> Linear:
    """An axis for the bests from the time when a tenth of the trials has ended: the first ones are far off."""
    settled = [milestones[len(milestones) // 10 :] for milestones in histories]
    bests = [m.best for milestones in settled for m in milestones if m.best is not None]
    best, worst = (min(bests), max(bests)) if minimize else (max(bests), min(bests))
    return linear([best, worst + 0.15 * (worst - best)], chart.bottom, chart.top, air=0.06)


def sweep_colours(sweeps: Sequence[SweepRecord]) -> list[str]:
    """A colour for each sweep of a comparison."""
    return by_rank(len(sweeps))
