"""Quotes: strings of source code, values of attributes, and what people say in prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from pygments.token import String

from rnnlab.features.base import Source, feature
from rnnlab.features.languages import Language
from rnnlab.features.lexing import TRIPLE, Token

CODE = (Language.python, Language.c)
PROSE = re.compile(r"(?P<either>\"|&quot;)|(?P<open>\u201c)|(?P<close>\u201d)|(?P<paragraph>\n[ \t]*\n)")


class Quoted(NamedTuple):
    """A string from its opening quote to the last character of its closing one, or to where it breaks off."""

    start: int
    stop: int
    quote: str


@feature
def quotes(source: Source) -> np.ndarray:
    """inside quotes, from the opening quote up to before the closing one

    Of code: its strings; a field {of} a formatted string is inside. A lexer looks ahead by two characters to
    tell an opening triple quote from an empty string. Of other text: what stands between quotation marks of a
    paragraph (apostrophes are none), and the values of attributes.
    """
    if source.language in CODE:
        return source.within((quoted.start, quoted.stop) for quoted in strings(source.tokens))
    return source.within(said(source.characters))


@feature(languages=(Language.python,))
def triple_quotes(source: Source) -> np.ndarray:
    """inside a string in triple quotes, as docstrings are

    A lexer looks ahead by two characters to tell an opening triple quote from an empty string.
    """
    return source.within((quoted.start, quoted.stop) for quoted in strings(source.tokens) if quoted.quote in TRIPLE)


def strings(tokens: list[Token]) -> Iterator[Quoted]:
    """The strings among a lexer's tokens; ``stop`` is the closing quote's last character.

    A string in single quotes ends with its line at the latest. Fields of formatted strings may hold strings.
    """
    opened: list[Quoted | None] = []  # None: a field of the formatted string below it
    for token in tokens:
        if token.kind is String.Doc:  # always whole, even if its beginning stands before the text
            yield Quoted(token.start, token.stop - 1, token.text[-3:])
        elif token.kind is String.Interpol:
            follow_field(token.text, opened)
        elif token.kind in String and token.kind is not String.Affix and token.kind is not String.Escape:
            yield from follow_quote(token, opened)
        elif token.kind not in String and "\n" in token.text:
            yield from break_line(token.start, opened)
    end = tokens[-1].stop if tokens else 0
    yield from (Quoted(quoted.start, end, quoted.quote) for quoted in opened if quoted)


def follow_field(text: str, opened: list[Quoted | None]) -> None:
    """A field begins or ends; ``%d`` and ``{0}`` of plain strings are neither."""
    if text == "{":
        opened.append(None)
    elif text.endswith("}") and not text.startswith("{") and None in opened:
        while opened.pop() is not None:
            pass


def follow_quote(token: Token, opened: list[Quoted | None]) -> Iterator[Quoted]:
    """A part of a string that may open or close one."""
    top = opened[-1] if opened else None
    if top is None and token.text[0] in "\"'":
        quote = token.text[:3] if token.text[:3] in TRIPLE else token.text[0]
        opened.append(Quoted(token.start, token.stop, quote))
    elif top is not None and token.text == top.quote:
        opened.pop()
        yield Quoted(top.start, token.stop - 1, top.quote)


def break_line(place: int, opened: list[Quoted | None]) -> Iterator[Quoted]:
    """A line ends outside of strings: one in single quotes that is still open was never closed."""
    broken = next((i for i, quoted in enumerate(opened) if quoted and quoted.quote not in TRIPLE), len(opened))
    yield from (Quoted(quoted.start, place, quoted.quote) for quoted in opened[broken:] if quoted)
    del opened[broken:]


def said(characters: str) -> Iterator[tuple[int, int]]:
    """What stands between quotation marks, each from the mark's last character on; none goes beyond a paragraph."""
    start: int | None = None
    for mark in PROSE.finditer(characters):
        opens = mark["open"] or (mark["either"] and start is None)
        if opens and start is None:
            start = mark.end() - 1
        elif not opens and start is not None:
            yield start, mark.end() - 1
            start = None
    if start is not None:
        yield start, len(characters)
