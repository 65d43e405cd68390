"""What each slot did when."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.analysis.sweep_runs import COMPLETE
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.timeline import lanes
from rnnlab.report.chart import CHARACTER, WIDE, Chart
from rnnlab.report.colours import NEUTRAL, ink_on
from rnnlab.report.markup import Markup
from rnnlab.report.scales import linear
from rnnlab.report.trials import trial_colours
from rnnlab.report.words import duration, time_unit

FEW_SLOTS = 8
TALL, LOW = 30.0, 16.0
"""Pixels of a slot's row, where there are few and where there are many."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a run's bars look. names: what is written into a bar, the first one that fits."""

    colour: str
    opacity: float
    names: tuple[str, ...]
    note: str


def timeline(sweep: SweepRecord) -> Markup | str:
    """Each run as a bar from its start to its end, in the lane of a slot; grey: it did not complete."""
    laid = lanes(span for sitting in sweep.sittings for span in sitting)
    if not laid:
        return "No run has begun yet."
    begin = min(lane[0].start for lane in laid)
    length = max(lane[-1].end for lane in laid) - begin
    divisor, symbol = time_unit(length)
    height = TALL if len(laid) <= FEW_SLOTS else LOW
    chart = Chart(WIDE, height * len(laid) + 60, left=70)
    x = linear([0, length / divisor], chart.left, chart.right, air=0.01)
    chart.x_axis(x, f"time since the first run began ({symbol})")
    looks = _looks(sweep)
    for place, lane in enumerate(laid):
        y = chart.top + place * height
        chart.text(chart.left - 9, y + height / 2 + 4, f"slot {place + 1}", anchor="end")
        for span in lane:
            sides = x.at((span.start - begin) / divisor), x.at((span.end - begin) / divisor)
            _bar(chart, sides, (y, height), looks[span.run_id], duration(span.end - span.start))
    return chart.drawn("what each slot ran, against time")


def _looks(sweep: SweepRecord) -> dict[str, Look]:
    """Of every run by its id. A trial's place in the table is its shortest name."""
    colours, looks = trial_colours(sweep), {}
    for place, trial in enumerate(sweep.trials, start=1):
        for run in trial.runs:
            note = f"{trial.title} seed={run.seed}, {run.state}"
            complete = run.state == COMPLETE
            names = (trial.brief, f"#{place}") if complete else ()
            colour = colours[trial.number] if complete else NEUTRAL
            looks[run.id] = Look(colour, 1.0 if complete else 0.55, names, note)
    return looks


def _bar(chart: Chart, sides: tuple[float, float], row: tuple[float, float], look: Look, took: str) -> None:
    """sides: left and right; row: top and height. A gap of a pixel parts a bar from the next."""
    (left, right), (top, height) = sides, row
    width, note = max(right - left - 1, 1), f"{look.note}, {took}"
    chart.bar(left, top + 3, width, height - 6, look.colour, opacity=look.opacity, note=note)
    room = int((width - 11) / CHARACTER)
    name = next((name for name in look.names if len(name) <= room), "")
    if name and height == TALL:
        chart.text(left + 6, top + height / 2 + 4, name, class_=ink_on(look.colour))
