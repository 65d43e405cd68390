"""A feature: what is true at each character of a text, as a function of the text alone.

A label at character i says what holds *after* character i was read, for that is when a unit's value
at i exists. "Inside quotes" is true from the opening quote up to before the closing one; a comment of C
is known as one from the second character of its opening sign. What only the rest of the text decides is
no feature. Where a lexer must look ahead (to the end of a word, to see whether it is a keyword), the
feature's docstring says so.

A feature of one's own is a function in a module that is named with ``--plugins``:

    from rnnlab.features.base import Source, feature

    @feature
    def vowel(source: Source) -> np.ndarray:
        '''the character just read is a vowel'''
        return source.each(lambda character: character in "aeiou")

Shapes: N characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Any, TypeVar, overload

import numpy as np

from rnnlab.errors import RequestError
from rnnlab.features.languages import Language
from rnnlab.features.lexing import Token, tokens_of

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST_ABOUT = 120
Found = TypeVar("Found")


class Kind(str, Enum):
    """binary: true or false at each character. number: a real value."""

    binary = "binary"
    number = "number"


class Source:
    """A text in a language, with what its lexer finds there; made once, asked by many features.

    The text may begin and end in the middle of anything, a string or a comment too.
    """

    def __init__(self, characters: str, language: Language) -> None:
        self.characters = characters
        self.language = language
        self.found: dict[Callable[[Source], Any], Any] = {}

    def __len__(self) -> int:
        return len(self.characters)

    def once(self, find: Callable[[Source], Found]) -> Found:
        """What a function finds in this text, found at the first call and kept: several features may stand on it."""
        if find not in self.found:
            self.found[find] = find(self)
        return self.found[find]

    @cached_property
    def codes_N(self) -> np.ndarray:
        """The code point of each character, uint32 (N,)."""
        return np.frombuffer(self.characters.encode("utf-32-le", "surrogatepass"), np.uint32)

    @cached_property
    def tokens(self) -> list[Token]:
        """The lexer's tokens in order, without gaps; none for plays and plain text, which have no lexer."""
        return tokens_of(self.characters, self.language)

    @cached_property
    def line_starts(self) -> np.ndarray:
        """Where lines begin, int64, the first at 0; a newline ends its line."""
        return np.concatenate([[0], np.flatnonzero(self.codes_N == ord("\n")) + 1])

    @cached_property
    def column_N(self) -> np.ndarray:
        """How many characters of its line stand before each character, int64 (N,)."""
        places_N = np.arange(len(self))
        return places_N - self.line_starts[np.searchsorted(self.line_starts, places_N, side="right") - 1]

    def each(self, holds: Callable[[str], bool]) -> np.ndarray:
        """Where a property of single characters holds, bool (N,)."""
        different, place_N = np.unique(self.codes_N, return_inverse=True)
        return np.array([holds(chr(code)) for code in different], dtype=bool)[place_N]

    def within(self, spans: Iterable[tuple[int, int]]) -> np.ndarray:
        """True inside the spans (first, behind the last), bool (N,); spans may overlap."""
        inside_N = np.zeros(len(self), dtype=bool)
        for start, stop in spans:
            inside_N[start:stop] = True
        return inside_N


Labels = Callable[[Source], np.ndarray]


@dataclass(frozen=True, slots=True)
class Feature:
    """label: from a text to bool (N,), or to float32 (N,) for a number; there NaN stands where nothing is asked.

    languages: those that the feature makes sense in; none named: in any text.
    """

    name: str
    about: str
    kind: Kind
    label: Labels
    languages: tuple[Language, ...] = ()
    module: str = ""

    def suits(self, language: Language) -> bool:
        return not self.languages or language in self.languages

    def of(self, source: Source) -> np.ndarray:
        """The labels, checked. RequestError where a plug-in's function does not give what a feature must."""
        labels_N: Any = self.label(source)
        wanted, kinds = ("bool", "b") if self.kind is Kind.binary else ("float32", "fiu")
        right = isinstance(labels_N, np.ndarray) and labels_N.dtype.kind in kinds and labels_N.shape == (len(source),)
        if not right:
            given = (
                f"{labels_N.dtype} {labels_N.shape}" if isinstance(labels_N, np.ndarray) else type(labels_N).__name__
            )
            raise RequestError(
                f"feature {self.name} of {self.module}: it gave {given}; an array {wanted} ({len(source)},) is needed"
            )
        if self.kind is Kind.binary:
            return labels_N
        values_N = labels_N.astype(np.float32, copy=False)
        if np.isinf(values_N).any():
            place = int(np.isinf(values_N).argmax())
            raise RequestError(f"feature {self.name} of {self.module}: it gave {values_N[place]} at character {place}")
        return values_N


@overload
def feature(function: Labels) -> Feature: ...
@overload
def feature(*, kind: Kind = Kind.binary, languages: Iterable[Language] = ()) -> Callable[[Labels], Feature]: ...
def feature(
    function: Labels | None = None, *, kind: Kind = Kind.binary, languages: Iterable[Language] = ()
) -> Feature | Callable[[Labels], Feature]:
    """Make a Feature of a function: its name is the feature's, the first line of its docstring says what it is.

    RequestError where the name is not of small letters, digits and underscores, or there is no docstring.
    """

    def made(function: Labels) -> Feature:
        name = getattr(function, "__name__", type(function).__name__)
        if not NAME.fullmatch(name):
            raise RequestError(
                f"feature {name!r} of {function.__module__}: a name has at most 40 small letters, digits, underscores"
            )
        about = one_line(function.__doc__ or "")
        if not about:
            raise RequestError(f"feature {name} of {function.__module__}: a docstring must say what it is, in one line")
        return Feature(name, about, kind, function, tuple(languages), function.__module__)

    return made if function is None else made(function)


def one_line(docstring: str) -> str:
    """The first line of a docstring, short, and without a character that a terminal would act upon."""
    lines = docstring.strip().splitlines()
    printable = "".join(character if character.isprintable() else " " for character in lines[0]) if lines else ""
    return " ".join(printable.split())[:LONGEST_ABOUT]
