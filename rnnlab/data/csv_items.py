"""Labelled rows of a CSV file: a text each, or numbers, a step for each column."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.data.contents import Sequences
from rnnlab.data.items import Contents, padded_vectors, standardised
from rnnlab.data.stratified import stratified
from rnnlab.data.text_items import text_contents
from rnnlab.errors import RequestError, did_you_mean

HEADER_LINES = 1


@dataclass(frozen=True, slots=True)
class Table:
    """path, columns    where it is from, and the names of its columns
    rows            the cells of each row, as many as there are columns, with the number of its line
    label, text     places of the columns of the class, and of the text, None for numbers
    """

    path: Path
    columns: list[str]
    rows: list[tuple[int, list[str]]]
    label: int
    text: int | None

    @property
    def labels(self) -> list[str]:
        return [cells[self.label] for _, cells in self.rows]


def read_table(path: Path, label: str, text: str) -> Table:
    """The rows of a CSV file whose first line names its columns.

    ``label``, ``text``: names of columns; an empty ``text`` means the only other one, where that holds no numbers.
    Raises RequestError where the file is empty, a column is missing, or a row has another number of cells.
    """
    try:
        content = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise RequestError(f"{path}: not UTF-8 (byte {error.start:,})") from error
    reader = csv.reader(io.StringIO(content, newline=""))
    lines = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader if any(map(str.strip, cells))]
    if len(lines) <= HEADER_LINES:
        empty = "the file is empty" if not lines else "there is no row below the names of the columns"
        raise RequestError(f"{path}: {empty}; it needs a line of names, data.label = {label!r} among them, and rows")
    columns, rows = lines[0][1], lines[HEADER_LINES:]
    place = column(path, "data.label", label, columns)
    for number, cells in rows:
        if len(cells) != len(columns):
            raise RequestError(f"{path}: line {number} has {len(cells)} cells, the first line {len(columns)}")
        if not cells[place]:
            raise RequestError(f"{path}: line {number} has no class in its column {label!r}")
    return Table(path, columns, rows, place, text_column(path, text, columns, rows, place))


def column(path: Path, setting: str, name: str, columns: Sequence[str]) -> int:
    """The place of a column. RequestError, with the nearest name, where it is missing."""
    if name not in columns:
        raise RequestError(
            f"{setting} = {name!r}: {path} has no such column; there are {', '.join(columns)}"
            f"{did_you_mean(name, columns)}"
        )
    return columns.index(name)


def text_column(
    path: Path, text: str, columns: list[str], rows: Sequence[tuple[int, list[str]]], label: int
) -> int | None:
    """The place of the text; None where the other columns are numbers."""
    if text:
        return column(path, "data.text", text, columns)
    others = [place for place in range(len(columns)) if place != label]
    if not others:
        raise RequestError(
            f"{path}: it has the column {columns[label]!r} alone; a column of text, or numbers, must be there"
        )
    if len(others) == 1 and not all(is_number(cells[others[0]]) for _, cells in rows):
        return others[0]
    return None


def text_items(table: Table, most: int, seed: int) -> Contents:
    """The texts of a table, their first ``most`` characters. Raises RequestError for an empty one."""
    assert table.text is not None
    for number, cells in table.rows:
        if not cells[table.text]:
            raise RequestError(f"{table.path}: line {number} has no text in its column {table.columns[table.text]!r}")
    texts = [cells[table.text][:most] for _, cells in table.rows]
    return text_contents(texts, table.labels, seed, str(table.path))


def number_items(table: Table, most: int, seed: int) -> Contents:
    """The numbers of a table, the first ``most`` of each row, standardised: a step for each, of one feature."""
    items = [np.array(numbers(table, number, cells)[:most]) for number, cells in table.rows]
    names = tuple(sorted(set(table.labels)))
    chosen = stratified([item.tobytes() for item in items], table.labels, seed, str(table.path))
    steps = max(map(len, items))
    parts = {}
    for part, places in chosen.items():
        inputs, lengths = padded_vectors([items[place][:, None] for place in places], steps)
        classes = np.array([names.index(table.labels[place]) for place in places], dtype=np.int64)
        parts[part] = Sequences(inputs, classes, lengths)
    return Contents(standardised(parts), names)


def numbers(table: Table, line: int, cells: list[str]) -> list[float]:
    """The numbers of a row up to its last cell that is not empty. Raises RequestError for what is none."""
    others = [
        (name, cell)
        for place, (name, cell) in enumerate(zip(table.columns, cells, strict=True))
        if place != table.label
    ]
    while others and not others[-1][1]:
        others.pop()
    if not others:
        raise RequestError(f"{table.path}: line {line} has no number")
    for name, cell in others:
        if not is_number(cell):
            raise RequestError(
                f"{table.path}: line {line}: {cell!r} in column {name!r} is not a finite number; name the column of a"
                " text by data.text, or leave the column out of the file"
            )
    return [float(cell) for _, cell in others]


def is_number(cell: str) -> bool:
    """Whether a cell is a finite number."""
    try:
        return bool(np.isfinite(float(cell)))
    except ValueError:
        return False
