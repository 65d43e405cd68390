"""A lesson as one offline page, its pictures within it."""

from __future__ import annotations

import base64
import math
from collections.abc import Sequence
from pathlib import Path

from rnnlab.describe.shapes import STYLE
from rnnlab.errors import RequestError
from rnnlab.lessons.base import Lesson
from rnnlab.lessons.blocks import Block, Lines, Picture, Row, Table, Text
from rnnlab.report.card import figure_card
from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.report.words import figure
from rnnlab.tracking.atomic import write_atomically


def write(lesson: type[Lesson], name: str, blocks: Sequence[Block], folder: Path) -> Path:
    """Write ``NAME.html`` into a folder that ``made`` has accepted. WorkError where the disk refuses."""
    path = folder / f"{name}.html"
    write_atomically(path, page(lesson, name, blocks).encode())
    return path


def made(folder: Path) -> Path:
    """The folder, which is made where there is none. RequestError where it cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise RequestError(f"--to {folder}: no folder can be made there: {error.strerror}") from error
    return folder


def page(lesson: type[Lesson], name: str, blocks: Sequence[Block]) -> str:
    """The whole page."""
    commands = [
        element("tr", element("td", element("code", each.command)), element("td", each.why)) for each in lesson.next
    ]
    images = any(isinstance(block, Picture) and isinstance(block.content, bytes) for block in blocks)
    return document(
        lesson.title,
        element("h1", lesson.title),
        _listed("What to look at", lesson.look),
        *(_shown(block) for block in blocks),
        figure_card("What to try next", "", _scrolled(element("table", element("tbody", *commands)), "wrap")),
        element("footer", f"Computed and written by rnnlab lesson {name}."),
        styles=[STYLE],
        pictures=images,
    )


def _listed(title: str, lines: Sequence[str]) -> Markup:
    return element("div", element("h2", title), element("ul", *(element("li", line) for line in lines)), class_="card")


def _shown(block: Block) -> Markup:
    if isinstance(block, Text):
        return element("p", block.text)
    if isinstance(block, Lines):
        return figure_card(block.title, "", element("pre", "\n".join(block.lines)))
    if isinstance(block, Table):
        return figure_card(block.title, "", _table(block.rows))
    return figure_card(block.title, block.caption, _image(block))


def _image(picture: Picture) -> Markup:
    if isinstance(picture.content, Markup):
        return picture.content
    source = f"data:image/png;base64,{base64.b64encode(picture.content).decode()}"
    return element("div", element("img", src=source, alt=picture.caption, class_="figure"), class_="picture")


def _table(rows: Sequence[Row]) -> Markup:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    head = element("tr", *(element("th", key) for key in keys))
    body = [element("tr", *(element("td", _text(row.get(key))) for key in keys)) for row in rows]
    return _scrolled(element("table", element("thead", head), element("tbody", *body)))


def _scrolled(table: Markup, class_: str = "") -> Markup:
    return element("div", table, class_=f"scroll {class_}".strip())


def _text(value: object) -> str:
    if isinstance(value, float):
        return figure(value) if math.isfinite(value) else str(value)
    return "" if value is None else str(value)
