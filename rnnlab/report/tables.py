"""The tables of a sweep: its trials, and the runs that failed."""

from __future__ import annotations

import math
import shlex
from collections.abc import Sequence

from rnnlab.analysis.front import pareto_front
from rnnlab.analysis.parameters import brief
from rnnlab.analysis.sweep_runs import COMPLETE, NOT_ENDED, PRUNED
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.trials import SweepTrial
from rnnlab.report.card import figure_card
from rnnlab.report.markup import Markup, element
from rnnlab.report.words import counted, figure, short_key, shortened
from rnnlab.statistics import Interval

OPEN_ROWS = 20
FAILURES = 5
"""Rows that are seen at once; more are folded below them."""
LONGEST_KEY, LONGEST_VALUE = 22, 24
Cell = Markup | str


def command(trial: SweepTrial) -> str:
    """What trains the trial's first run again; empty where no run got far enough to record it."""
    return shlex.join(["rnnlab", "train", *trial.overrides]) if trial.overrides else ""


def failures(sweep: SweepRecord) -> list[Markup]:
    """The runs that ended in another way than complete or pruned, and why; nothing where there are none."""
    ended = [run for run in sweep.runs if run.state not in (COMPLETE, PRUNED, *NOT_ENDED)]
    if not ended:
        return []
    head = element("tr", *(element("th", name) for name in ("run", "state", "configuration", "what happened")))
    rows = []
    for run in ended:
        words = {**(run.varied or {}), **({"seed": run.seed} if run.seed is not None else {})}
        title = " ".join(f"{key}={brief(value)}" for key, value in words.items())
        rows.append(element("tr", *(element("td", text) for text in (run.id, run.state, title, run.message))))
    count = f"{len(ended)} of {counted(len(sweep.runs), 'run')}."
    return [figure_card("Runs that failed", count, folded_table(head, rows, FAILURES, class_="wrap"))]


def trial_table(sweep: SweepRecord) -> Markup:
    """A row for each trial with its figures and command; only what varies has a column."""
    if not sweep.trials:
        return figure_card("Trials", "", "No run has begun yet.")
    several = len(sweep.objectives) > 1
    front = {trial.number for trial in pareto_front(sweep)} if several else set()
    rows = [_row(sweep, place, trial, front) for place, trial in enumerate(sweep.trials, start=1)]
    caption = "Mean over the complete runs of each trial, best first; 95 % interval of the mean by Student's t."
    more = " Front: no other trial is better in one objective and no worse in the others." if several else ""
    return figure_card("Trials", caption + more, folded_table(_head(sweep), rows, OPEN_ROWS))


def folded_table(head: Markup, rows: Sequence[Markup], seen: int, class_: str = "") -> Markup:
    """The first ``seen`` rows, and below them the others behind a word to click on."""
    shown = [_table(head, rows[:seen], class_)]
    if len(rows) > seen:
        summary = element("summary", f"The other {len(rows) - seen} of {len(rows)}")
        shown.append(element("details", summary, _table(head, rows[seen:], class_)))
    return element("div", *shown)


def bounds(interval: Interval | None) -> str:
    """``1.2 to 1.4``; empty where one run alone has no interval."""
    if interval is None or math.isnan(interval.low):
        return ""
    return f"{figure(interval.low)} to {figure(interval.high)}"


def _table(head: Markup, rows: Sequence[Markup], class_: str) -> Markup:
    table = element("table", element("thead", head), element("tbody", *rows))
    return element("div", table, class_=f"scroll {class_}".strip())


def _head(sweep: SweepRecord) -> Markup:
    parameters = [element("th", short_key(key, LONGEST_KEY), title=key) for key in sweep.varying]
    front = [element("th", "front")] if len(sweep.objectives) > 1 else []
    interval = ["95 % interval"] if sweep.has_intervals else []
    others = [objective.key for objective in sweep.objectives[1:]]
    numbers = [element("th", name, class_="number") for name in (sweep.metric, *interval, *others)]
    last = [element("th", name) for name in ("states", "command")]
    return element("tr", element("th", ""), *numbers, *front, *parameters, *last)


def _row(sweep: SweepRecord, place: int, trial: SweepTrial, front: set[int]) -> Markup:
    interval, several = trial.interval, len(sweep.objectives) > 1
    others = [figure(value) for value in (trial.objectives or ())[1:]] or [""] * (len(sweep.objectives) - 1)
    limits = [bounds(interval)] if sweep.has_intervals else []
    mean = figure(interval.estimate) if interval else ""
    cells = [
        element("td", str(place) if interval else ""),
        *(element("td", text, class_="number") for text in (mean, *limits, *others)),
        *([element("td", "\u25cf" if trial.number in front else "")] if several else []),
        *(element("td", _value(trial.varied.get(key, ""))) for key in sweep.varying),
        element("td", trial.states),
        element("td", element("code", command(trial), title="a click selects all of it"), class_="command"),
    ]
    kind = "best" if place == 1 and interval else None if interval else "soft"
    return element("tr", *cells, class_=kind, title=trial.title)


def _value(text: str) -> str:
    return shortened(brief(text), LONGEST_VALUE)
