"""The report of one sweep or several: one HTML file that needs no network, no script and no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.card import figure_card
from rnnlab.report.markup import Markup, element
from rnnlab.report.section import sweep_section
from rnnlab.report.time_figures import side_by_side, sweep_colours
from rnnlab.tracking.atomic import write_atomically

STYLE = Path(__file__).with_name("page.css")


def write_report(sweeps: Sequence[SweepRecord], path: Path) -> None:
    """Write the page of these sweeps, atomically. WorkError where the disk refuses."""
    write_atomically(path, report_page(sweeps).encode())


def report_page(sweeps: Sequence[SweepRecord], now: datetime | None = None) -> str:
    """The page: a section for each sweep; for several, a comparison before them."""
    title = f"Sweep {sweeps[0].id}" if len(sweeps) == 1 else f"Sweeps {' and '.join(sweep.id for sweep in sweeps)}"
    sections = [sweep_section(sweep) for sweep in sweeps]
    if len(sweeps) > 1:
        sections.insert(0, _comparison(title, sweeps))
    written = (now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC")
    footer = element("footer", f"Written by rnnlab report on {written} from the folders of the runs alone.")
    body = element("body", element("main", *sections, footer))
    return f"<!DOCTYPE html>\n{element('html', _head(title), body, lang='en')}\n"


def _head(title: str) -> Markup:
    """Nothing may be loaded and no script run; the one style is named by its hash."""
    style = STYLE.read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(style)),
    )


def _comparison(title: str, sweeps: Sequence[SweepRecord]) -> Markup:
    rows = [element("tr", *(element("td", cell) for cell in _compared(sweep))) for sweep in sweeps]
    names = ("sweep", "searched", "sampler", "metric", "best mean", "state", "runs")
    table = element("table", element("thead", element("tr", *(element("th", name) for name in names))), *rows)
    legend = [(f"sweep {sweep.id}", colour) for sweep, colour in zip(sweeps, sweep_colours(sweeps), strict=True)]
    figures = side_by_side(sweeps)
    titles = ("Best so far, run by run", "Best so far, by time")
    cards = [
        figure_card(name, "Complete runs only.", figure, legend=legend)
        for name, figure in zip(titles, figures, strict=False)
    ]
    warning = "They were searched by different metrics: their values cannot be compared."
    mixed = len({(sweep.metric, sweep.minimize) for sweep in sweeps}) > 1
    return element(
        "section",
        element("h1", title),
        element("p", "Side by side", class_="soft"),
        *([element("p", warning, class_="warn")] if mixed else []),
        element("div", element("div", table, class_="scroll wrap"), class_="card"),
        element("div", *cards, class_="pair") if cards else element("p", "No run of them is complete yet."),
    )


def _compared(sweep: SweepRecord) -> list[str]:
    best = sweep.ranked[0].interval if sweep.ranked else None
    return [
        sweep.id,
        ", ".join(sweep.space) or "seeds",
        sweep.sampler,
        f"{sweep.metric} ({'lower' if sweep.minimize else 'higher'} is better)",
        "" if best is None else f"{best.estimate:.5g}",
        sweep.state,
        sweep.states,
    ]
