"""What a discovery leaves in a run's folder: a page, a table, and the scores of all units."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rnnlab.inside.finding.findings import Discovery, score_of
from rnnlab.inside.finding.page import find_page
from rnnlab.inside.text import Text
from rnnlab.tracking.atomic import write_atomically

PAGE, TABLE, UNITS = "find.html", "find.csv", "find_units.csv"


def write_files(discovery: Discovery, folder: Path, run_id: str, text: Text, fdr: float) -> list[Path]:
    """Write all three into the folder, each atomically."""
    rows = [finding.row() for finding in discovery.findings]
    contents = {
        PAGE: find_page(discovery, run_id, text, fdr),
        TABLE: as_csv(list(rows[0]), ([row[key] for key in row] for row in rows)),
        UNITS: as_csv(("feature", "measure", "layer", "name", "unit", "choosing", "scoring"), unit_rows(discovery)),
    }
    for name, content in contents.items():
        write_atomically(folder / name, content.encode())
    return [folder / name for name in contents]


def unit_rows(discovery: Discovery) -> Iterable[Sequence[Any]]:
    """Each feature and unit: AUC on either half, below 0.5 where it is low when true; of numbers the correlation."""
    for number, label in enumerate(discovery.labels):
        for part, choosing_FH in discovery.choosing.items():
            scoring_FH = discovery.scoring[part]
            for unit, pair in enumerate(zip(choosing_FH[number], scoring_FH[number], strict=True)):
                scores = pair if label.number else [score_of(float(strength), False) for strength in pair]
                measure = "correlation" if label.number else "AUC"
                yield label.name, measure, part.layer, part.name, unit, *(f"{score:.5f}" for score in scores)


def as_csv(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return file.getvalue()
