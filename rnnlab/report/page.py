"""The report of one sweep or several: one HTML file that needs no network, no script and no other file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.comparison import PICTURE_STYLE, comparison
from rnnlab.report.markup import Markup, element
from rnnlab.report.section import sweep_section
from rnnlab.tracking.atomic import write_atomically

STYLES = (PICTURE_STYLE, Path(__file__).with_name("page.css"))


def write_report(sweeps: Sequence[SweepRecord], path: Path) -> None:
    """Write the page of these sweeps, atomically. WorkError where the disk refuses."""
    write_atomically(path, report_page(sweeps).encode())


def report_page(sweeps: Sequence[SweepRecord], now: datetime | None = None) -> str:
    """The page: a section for each sweep; for several, a comparison before them."""
    title = f"Sweep {sweeps[0].id}" if len(sweeps) == 1 else f"Sweeps {' and '.join(sweep.id for sweep in sweeps)}"
    sections = [sweep_section(sweep) for sweep in sweeps]
    if len(sweeps) > 1:
        sections.insert(0, comparison(title, sweeps))
    written = (now or datetime.now(UTC)).strftime("%Y-%m-%d %H:%M UTC")
    footer = element("footer", f"Written by rnnlab report on {written} from the folders of the runs alone.")
    body = element("body", element("main", *sections, footer))
    return f"<!DOCTYPE html>\n{element('html', _head(title), body, lang='en')}\n"


def _head(title: str) -> Markup:
    """Nothing may be loaded and no script run; the one style is named by its hash."""
    style = "".join(path.read_text(encoding="utf-8") for path in STYLES)
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
