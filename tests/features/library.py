"""Python's own library as text, with what Python's own tokenizer finds in it."""

from __future__ import annotations

import io
import sysconfig
import tokenize
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

from rnnlab.features.base import Feature, Source
from rnnlab.features.catalogue import known_features
from rnnlab.features.languages import Language

NAMES = ("abc", "ast", "bisect", "calendar", "dataclasses", "functools", "inspect", "textwrap", "typing", "zipfile")


@cache
def module(name: str) -> Source:
    """A module's source; zipfile is a package in newer versions of Python."""
    place = Path(sysconfig.get_paths()["stdlib"]) / name
    file = place.with_suffix(".py") if place.with_suffix(".py").is_file() else place / "__init__.py"
    return Source(file.read_text(encoding="utf-8"), Language.python)


@cache
def known() -> dict[str, Feature]:
    return known_features()


def line_starts(characters: str) -> list[int]:
    return list(accumulate((len(line) + 1 for line in characters.split("\n")), initial=0))


def python_tokens(characters: str) -> Iterator[tuple[int, int, int, str]]:
    """(kind, start, stop, text) of the tokens of Python's own tokenizer."""
    starts = line_starts(characters)
    for token in tokenize.generate_tokens(io.StringIO(characters).readline):
        (row, column), (last_row, last_column) = token.start, token.end
        yield token.type, starts[row - 1] + column, starts[last_row - 1] + last_column, token.string


def whole_strings(characters: str) -> Iterator[tuple[int, int]]:
    """Each string from its opening quote to behind its closing one; formatted strings are taken whole."""
    begins = getattr(tokenize, "FSTRING_START", None)
    ends = getattr(tokenize, "FSTRING_END", None)
    depth, first = 0, 0
    for kind, start, stop, text in python_tokens(characters):
        quote = start + next((i for i, character in enumerate(text) if character in "\"'"), 0)
        if kind == begins:
            first = first if depth else quote
            depth += 1
        elif kind == ends:
            depth -= 1
            if depth == 0:
                yield first, stop
        elif kind == tokenize.STRING and depth == 0:
            yield quote, stop


def marked(feature: str, characters: str, language: Language) -> str:
    """``^`` for each character after which a feature holds, ``.`` for the others."""
    return "".join("^" if holds else "." for holds in known()[feature].of(Source(characters, language)))
