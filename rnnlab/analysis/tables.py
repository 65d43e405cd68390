"""The tables that probes wrote into a run's folder, ``tables/<table>/<step>.csv``, as columns of numbers and texts.

A folder may come from anywhere: what is no table of the expected form is refused in a line, and nothing in it is
taken for more than numbers and names.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.errors import WorkError
from rnnlab.tracking.folder import RunFolder

TABLES = "tables"
MOST_BYTES = 64 * 2**20
"""No table of a probe comes near; a larger file is none."""
LONGEST_TEXT, LONGEST_SAMPLE = 200, 20_000
_STEP = re.compile(r"(\d{1,18})\.csv")

_TEXTS = frozenset({"layer", "quantity", "weight", "gate", "source", "part", "name", "text"})
COLUMNS: dict[str, tuple[str, ...]] = {
    "gradient_flow": ("layer", "quantity", "lag", "log10_norm", "low", "high"),
    "gradient_decay": (
        *("layer", "quantity", "rate", "rate_low", "rate_high"),
        *("half_life", "half_life_low", "half_life_high", "lags"),
    ),
    "input_gradient": ("t", "unit", "feature", "gradient"),
    "jacobian_singular_values": ("layer", "lag", "index", "log10_value"),
    "jacobian_lyapunov": ("layer", "index", "exponent", "low", "high"),
    "jacobian_radius": ("layer", "weight", "block", "radius"),
    "saturation": ("layer", "gate", "below", "above", "mean"),
    "horizon_context": ("context", "loss", "low", "high", "source"),
    "histograms": ("part", "layer", "name", "low", "high", "count"),
    "samples": ("temperature", "text"),
    "horizon_perturbation": ("lag", "loss_change", "low", "high", "divergence"),
}
"""The columns that each table has at least; those that are no texts are numbers."""


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one step. columns: float64 for numbers (NaN where nothing stands), objects for texts."""

    step: int
    columns: dict[str, np.ndarray]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, column: str) -> np.ndarray:
        return self.columns[column]

    def where(self, **wanted: str | float) -> Table:
        """The rows whose columns have these values."""
        kept = np.ones(len(self), dtype=bool)
        for column, value in wanted.items():
            kept &= self.columns[column] == value
        return Table(self.step, {name: values[kept] for name, values in self.columns.items()})

    def texts(self, column: str) -> list[str]:
        """The different texts of a column, in the order of the rows."""
        return list(dict.fromkeys(self.columns[column]))


def table_steps(folder: RunFolder, name: str) -> dict[int, Path]:
    """The steps at which a run wrote this table, in order, and the files."""
    place = folder.path / TABLES / name
    if not place.is_dir():
        return {}
    named = ((_STEP.fullmatch(path.name), path) for path in place.iterdir() if path.is_file() and not path.is_symlink())
    return dict(sorted((int(match[1]), path) for match, path in named if match))


def read_table(path: Path, name: str) -> Table:
    """The table ``name`` that lies in this file. WorkError naming file and line where it is of another form."""
    match = _STEP.fullmatch(path.name)
    if match is None:
        raise WorkError(f"{path}: is no table: its name must be a step and .csv")
    rows = _rows(path)
    head = rows[0] if rows else []
    missing = [column for column in COLUMNS[name] if column not in head]
    if missing or len(set(head)) < len(head):
        raise WorkError(f"{path} line 1: is no {name} table: its columns must be {', '.join(COLUMNS[name])}")
    for line, row in enumerate(rows[1:], start=2):
        if len(row) != len(head):
            raise WorkError(f"{path} line {line}: is damaged: it has {len(row)} columns of {len(head)}")
    places = {column: head.index(column) for column in COLUMNS[name]}
    columns = {column: _column(path, column, [row[at] for row in rows[1:]]) for column, at in places.items()}
    return Table(int(match[1]), columns)


def _rows(path: Path) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(_text(path), newline="")))
    except csv.Error as error:
        raise WorkError(f"{path}: is damaged: {error}") from error


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise WorkError(f"{path}: is no table: it is larger than {MOST_BYTES // 2**20} MiB")
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WorkError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error


def _column(path: Path, column: str, cells: list[str]) -> np.ndarray:
    if column in _TEXTS:
        longest = LONGEST_SAMPLE if column == "text" else LONGEST_TEXT
        long = next((line for line, cell in enumerate(cells, start=2) if len(cell) > longest), None)
        if long is not None:
            raise WorkError(f"{path} line {long}: is damaged: {column} is longer than {longest} characters")
        return np.array(cells, dtype=object)
    return np.array([_number(path, line, column, cell) for line, cell in enumerate(cells, start=2)], dtype=np.float64)


def _number(path: Path, line: int, column: str, cell: str) -> float:
    if not cell:
        return math.nan
    try:
        return float(cell)
    except ValueError as error:
        raise WorkError(f"{path} line {line}: is damaged: {column} = {cell[:40]!r} is no number") from error


def as_csv(columns: Mapping[str, np.ndarray | list[float] | list[str] | list[float | str]]) -> bytes:
    """Columns of equal length as a CSV file: numbers as Python writes them, so that they are read back as they were."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*(map(_plain, column) for column in columns.values()), strict=True))
    return text.getvalue().encode()


def _plain(value: object) -> object:
    return value.item() if isinstance(value, np.generic) else value
