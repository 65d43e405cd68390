"""The report of one sweep or several: one HTML file that needs no network, no script and no other file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.report.comparison import comparison
from rnnlab.report.document import document
from rnnlab.report.markup import element
from rnnlab.report.section import sweep_section
from rnnlab.report.study import Told, tell, write_figures
from rnnlab.studies.discovery import Examined
from rnnlab.tracking.atomic import write_atomically


def write_report(sweeps: Sequence[SweepRecord], path: Path) -> dict[str, Examined]:
    """Write the page of these sweeps, and the figures of their studies into their folders, all atomically.

    Returns what the studies say, by the sweeps' ids. WorkError where the disk refuses.
    """
    told = [tell(sweep) for sweep in sweeps]
    for sweep, study in zip(sweeps, told, strict=True):
        if study is not None:
            write_figures(sweep, study)
    write_atomically(path, _page(sweeps, told, datetime.now(UTC)).encode())
    return {sweep.id: study.examined for sweep, study in zip(sweeps, told, strict=True) if study is not None}


def report_page(sweeps: Sequence[SweepRecord], now: datetime | None = None) -> str:
    """The page: a section for each sweep; for several, a comparison before them."""
    return _page(sweeps, [tell(sweep) for sweep in sweeps], now or datetime.now(UTC))


def _page(sweeps: Sequence[SweepRecord], told: Sequence[Told | None], now: datetime) -> str:
    title = f"Sweep {sweeps[0].id}" if len(sweeps) == 1 else f"Sweeps {' and '.join(sweep.id for sweep in sweeps)}"
    sections = [sweep_section(sweep, study) for sweep, study in zip(sweeps, told, strict=True)]
    if len(sweeps) > 1:
        sections.insert(0, comparison(title, sweeps))
    written = now.strftime("%Y-%m-%d %H:%M UTC")
    footer = element("footer", f"Written by rnnlab report on {written} from the folders of the runs alone.")
    return document(title, *sections, footer, pictures=any(study is not None for study in told))
