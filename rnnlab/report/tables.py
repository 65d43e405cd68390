"""The tables of a sweep: its trials, and the runs that did not complete."""

from __future__ import annotations

import math
import shlex

from rnnlab.analysis.sweep_runs import COMPLETE, NOT_ENDED
from rnnlab.analysis.sweeps import SweepRecord, SweepTrial
from rnnlab.report.card import figure_card
from rnnlab.report.markup import Markup, element
from rnnlab.statistics import Interval


def command(trial: SweepTrial) -> str:
    """What trains the trial's first run again; empty where no run got far enough to record it."""
    return shlex.join(["rnnlab", "train", *trial.overrides]) if trial.overrides else ""


def failures(sweep: SweepRecord) -> list[Markup]:
    """The runs that ended in another way than complete, and why; nothing where there are none."""
    ended = [run for run in sweep.runs if run.state not in (COMPLETE, *NOT_ENDED)]
    if not ended:
        return []
    rows = [
        element("tr", *(element("td", cell) for cell in (run.id, run.state, _title(run.varied, run.seed), run.message)))
        for run in ended
    ]
    names = ("run", "state", "configuration", "what happened")
    head = element("thead", element("tr", *(element("th", name) for name in names)))
    table = element("div", element("table", head, element("tbody", *rows)), class_="scroll")
    return [figure_card("Runs that did not complete", f"{len(ended)} of {len(sweep.runs)}.", table)]


def _title(varied: dict[str, str] | None, seed: str | None) -> str:
    return " ".join(f"{key}={value}" for key, value in {**(varied or {}), "seed": seed}.items() if value is not None)


def trial_table(sweep: SweepRecord) -> Markup:
    """A row for each trial with its figures and command; only what varies has a column."""
    names = [("", ""), *((key, "") for key in sweep.varying)]
    names += [
        (sweep.metric, "number"),
        ("95 % interval", "number"),
        ("runs", "number"),
        ("states", ""),
        ("command", ""),
    ]
    head = element("tr", *(element("th", name, class_=kind or None) for name, kind in names))
    rows = [_row(place, trial, sweep.varying) for place, trial in enumerate(sweep.trials, start=1)]
    table = element("table", element("thead", head), element("tbody", *rows))
    caption = "Mean over the complete runs of each trial, best first; 95 % interval of the mean by Student's t."
    shown = element("div", table, class_="scroll") if rows else "No run has begun yet."
    return figure_card("Trials", caption, shown)


def _row(place: int, trial: SweepTrial, varying: list[str]) -> Markup:
    interval = trial.interval
    cells = [element("td", str(place) if interval else "")]
    cells += [element("td", trial.varied.get(key, "")) for key in varying]
    cells += [
        element("td", f"{interval.estimate:.5g}" if interval else "", class_="number"),
        element("td", bounds(interval), class_="number"),
        element("td", str(len(trial.values)), class_="number"),
        element("td", trial.states),
        element("td", element("code", command(trial), title="a click selects all of it"), class_="command"),
    ]
    return element("tr", *cells, class_="best" if place == 1 and interval else None)


def bounds(interval: Interval | None) -> str:
    """``1.2 to 1.4``; empty where one run alone has no interval."""
    if interval is None or math.isnan(interval.low):
        return ""
    return f"{interval.low:.5g} to {interval.high:.5g}"
