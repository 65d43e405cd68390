"""The page of the texts that a run wrote while it learned."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

from rnnlab.analysis.tables import read_table, table_steps
from rnnlab.errors import WorkError
from rnnlab.report.document import document
from rnnlab.report.markup import Markup, element
from rnnlab.tracking.folder import RunFolder

NAME = "samples"
STYLE = Path(__file__).with_name("samples.css")
KEPT = "\n\t"
UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode's categories of what is no character to be seen: controls, formats, surrogates, private, unassigned."""
REPLACEMENT, DELETE = "\ufffd", "\u2421"


def samples_page(folder: RunFolder) -> str:
    """Made of the tables in the run's folder, the first step first. WorkError where one is damaged."""
    cards = [_card(path) for path in table_steps(folder, NAME).values()]
    told = (
        "What the model writes after a new line, at each of these training steps: drawn with the same seed each"
        " time, and the likeliest symbol each time. Control characters are shown as pictures of their names."
    )
    return document(
        f"Texts of run {folder.id}",
        element("h1", f"What run {folder.id} writes while it learns"),
        element("p", told, class_="soft"),
        *cards,
        element("footer", f"The texts: tables/{NAME}/STEP.csv beside this page."),
        styles=[STYLE],
    )


def _card(path: Path) -> Markup:
    table = read_table(path, NAME)
    drawn = [
        _drawn(temperature, _text(path, text))
        for temperature, text in zip(table["temperature"], table["text"], strict=True)
    ]
    return element("div", element("h2", f"Step {table.step:,}"), element("div", *drawn, class_="texts"), class_="card")


def _drawn(temperature: float, text: str) -> Markup:
    how = f"temperature {temperature:g}" if temperature else "the likeliest symbols"
    blank = "" if text.strip() else ": nothing but white space"
    return element("figure", element("figcaption", how + blank), element("pre", visible(text)))


def _text(path: Path, written: str) -> str:
    try:
        return str(json.loads(written))
    except ValueError as error:
        raise WorkError(f"{path}: is damaged: a text is no JSON string: {error}") from error


def visible(text: str) -> str:
    """The text with every character that cannot be seen, or that would turn others around, as a sign."""
    return "".join(_sign(character) for character in text)


def _sign(character: str) -> str:
    if character in KEPT or unicodedata.category(character) not in UNSEEN:
        return character
    if character == "\x7f":
        return DELETE
    return chr(0x2400 + ord(character)) if ord(character) < 0x20 else REPLACEMENT
