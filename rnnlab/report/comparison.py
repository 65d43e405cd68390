"""Several sweeps side by side: a table, and the best so far of all in one picture, for the page or alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rnnlab.analysis.search import history
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.errors import RequestError
from rnnlab.report.card import figure_card
from rnnlab.report.document import PICTURE_STYLE
from rnnlab.report.markup import Markup, element
from rnnlab.report.names import search_name, telling_names
from rnnlab.report.progress import sweep_colours, together
from rnnlab.report.words import duration, figure
from rnnlab.tracking.atomic import write_atomically

MARGIN, LINE = 12.0, 22.0
"""Pixels around a figure that stands alone, and of a line of its legend; two sweeps share a line."""
SENTENCE = "the best value so far of each sweep"
COLUMNS = ("search", "sweep", "searched", "metric", "best mean", "test", "trials", "training", "state", "runs")


def comparison(title: str, sweeps: Sequence[SweepRecord]) -> Markup:
    """The section that stands before those of the sweeps."""
    head = element("tr", *(element("th", name) for name in COLUMNS))
    rows = [element("tr", *(element("td", cell) for cell in _compared(sweep))) for sweep in sweeps]
    table = element("table", element("thead", head), element("tbody", *rows))
    warning = "They were searched by different metrics or on different data: their values cannot be compared."
    return element(
        "section",
        element("h1", title),
        element("p", "Side by side", class_="soft"),
        *([] if _comparable(sweeps) else [element("p", warning, class_="warn")]),
        element("div", element("div", table, class_="scroll wrap"), class_="card"),
        _figure(sweeps),
    )


def write_figure(sweeps: Sequence[SweepRecord], path: Path) -> None:
    """Write the best so far of these sweeps as one SVG file that stands alone, on a light ground, atomically.

    RequestError where there is nothing to draw or metrics or data differ, WorkError where the disk refuses.
    """
    if not _comparable(sweeps):
        raise RequestError(
            "these sweeps were searched by different metrics or on different data: one figure cannot hold them"
        )
    charts = together(sweeps, telling_names(sweeps))
    if not charts:
        raise RequestError("no trial of these sweeps has a value yet: there is nothing to draw")
    legend = _legend(sweeps)
    top = MARGIN + LINE * ((len(legend) + 1) // 2)
    width, height = sum(chart.width for chart in charts) + 2 * MARGIN, charts[0].height + top + MARGIN
    columns = [MARGIN + place * chart.width for place, chart in enumerate(charts)]
    keys = [_key(*one, x=columns[place % 2], y=MARGIN + LINE * (place // 2)) for place, one in enumerate(legend)]
    panels = [chart.drawn(SENTENCE, x=x, y=top) for chart, x in zip(charts, columns, strict=True)]
    drawn = element(
        "svg",
        element("style", Markup(PICTURE_STYLE.read_text(encoding="utf-8"))),
        element("rect", width=width, height=height, rx=8, class_="ground"),
        *keys,
        *panels,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width:g} {height:g}",
        width=width,
        height=height,
    )
    write_atomically(path, f"{drawn}\n".encode())


def _legend(sweeps: Sequence[SweepRecord]) -> list[tuple[str, str]]:
    """What each sweep is called and came to, with its colour."""
    entries = []
    for name, sweep, colour in zip(telling_names(sweeps), sweeps, sweep_colours(sweeps), strict=True):
        milestones = history(sweep)
        last = milestones[-1] if milestones else None
        came = "no value yet" if last is None or last.best is None else f"{last.best:.4g}"
        spent = f" after {last.place} trials, {duration(last.spent)} of training" if last else ""
        entries.append((f"{name}: {came}{spent}", colour))
    return entries


def _key(name: str, colour: str, *, x: float, y: float) -> Markup:
    line = element("line", x1=x + 58, x2=x + 80, y1=y + 8, y2=y + 8, stroke=colour, stroke_width=3)
    return element("g", line, element("text", name, class_="name", x=x + 88, y=y + 12))


def _figure(sweeps: Sequence[SweepRecord]) -> Markup:
    charts = [chart.drawn(SENTENCE) for chart in together(sweeps, telling_names(sweeps))] if _comparable(sweeps) else []
    caption = "A small dot for each trial that was trained to its end; training time counts pruned runs too."
    missing = "No trial of them has a value yet." if _comparable(sweeps) else "One picture cannot hold them."
    content = element("div", *charts, class_="two") if charts else missing
    return figure_card("Best so far", caption, content, legend=_legend(sweeps))


def _comparable(sweeps: Sequence[SweepRecord]) -> bool:
    """Whether they have one metric and, as far as their command lines say, the same data."""
    data = {sweep.data for sweep in sweeps} - {""}
    return len({sweep.objectives[0] for sweep in sweeps}) == 1 and len(data) <= 1


def _compared(sweep: SweepRecord) -> list[str]:
    best = sweep.ranked[0].interval if sweep.ranked else None
    milestones = history(sweep)
    loss = sweep.winner.metrics.get("test/loss") if sweep.winner else None
    return [
        search_name(sweep),
        sweep.id,
        ", ".join([*sweep.space] or ["seeds"]) + (f"; {sweep.data}" if sweep.data else ""),
        f"{sweep.metric} ({sweep.objectives[0].wish})",
        "" if best is None else figure(best.estimate),
        "" if loss is None else f"test/loss {figure(loss)}",
        str(len(milestones)),
        duration(milestones[-1].spent) if milestones else "",
        sweep.state,
        sweep.states,
    ]
