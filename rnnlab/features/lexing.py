"""Tokens of source code and markup, by the lexers of pygments, for text that may begin anywhere.

Each lexer here is pygments' own with a few rules changed, so that it takes linear time on any text, and
so that what stands in a macro of C is code.
"""

from __future__ import annotations

from itertools import groupby
from typing import NamedTuple

from pygments.lexer import RegexLexer, bygroups, include, inherit
from pygments.lexers.c_cpp import CLexer
from pygments.lexers.html import XmlLexer
from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Error, Name, Punctuation, String, Text, Whitespace, _TokenType

from rnnlab.features.languages import Language

JUDGED = 20_000  # characters from which it is judged where a text of Python begins
TRIPLE = ('"""', "'''")


class Token(NamedTuple):
    """A stretch of text of one kind; kinds are pygments', and ``kind in String`` holds for all kinds of strings."""

    start: int
    kind: _TokenType
    text: str

    @property
    def stop(self) -> int:
        """The place behind the last character."""
        return self.start + len(self.text)


class Python(PythonLexer):
    """White space goes first: the rules for docstrings would look through all blank lines below, at each of them."""

    tokens = {"root": [(r"\n", Whitespace), (r"[^\S\n]+", Whitespace), inherit]}


class C(CLexer):
    """Without the guesses at where functions begin, and with the bodies of macros as code."""

    tokens = {
        "whitespace": [
            (r"^([ \t]*)(#[ \t]*\w*)", bygroups(Whitespace, Comment.Preproc)),
            (r"\n", Whitespace),
            (r"[^\S\n]+", Whitespace),
            (r"\\\n", Text),
            (r"//(?:\\\n|[^\n])*", Comment.Single),
            (r"/\*[\s\S]*?(?:\*/|\Z)", Comment.Multiline),
        ],
        "root": [include("whitespace"), include("statements"), (r"[;{}]", Punctuation)],
    }


class Xml(XmlLexer):
    """What is opened and never closed lasts to the end of the text."""

    tokens = {
        "root": [
            (r"&[#\w]{1,31};", Name.Entity),
            (r"&|<(?![\w:/!?])", Text),
            (r"<!--.*?(?:-->|\Z)", Comment.Multiline),
            (r"<!\[CDATA\[.*?(?:\]\]>|\Z)", Comment.Preproc),
            (r"<\?.*?(?:\?>|\Z)", Comment.Preproc),
            (r"<![^<>]*>?", Comment.Preproc),
            inherit,
        ]
    }


LEXERS: dict[Language, RegexLexer] = {Language.python: Python(), Language.c: C(), Language.xml: Xml()}


def tokens_of(characters: str, language: Language) -> list[Token]:
    """All tokens in order, without gaps; an empty list for a language that has no lexer."""
    if language not in LEXERS:
        return []
    first = opening(characters, language)
    return ([first] if first else []) + lexed(characters, language, first.stop if first else 0)


def lexed(characters: str, language: Language, start: int = 0, stop: int | None = None) -> list[Token]:
    """The tokens of the stretch from ``start`` to ``stop``, which must begin in code."""
    found = LEXERS[language].get_tokens_unprocessed(characters[start:stop])
    return [Token(start + place, kind, text) for place, kind, text in found if text]


def opening(characters: str, language: Language) -> Token | None:
    """What the text begins in the middle of: a comment, a string or a tag; None where it begins in code."""
    if language is Language.python:
        return open_string(characters)
    closing, opener, kind = ("*/", "/*", Comment.Multiline) if language is Language.c else (">", "<", Name.Tag)
    end = characters.find(closing)
    if end < 0 or -1 < characters.find(opener) < end:
        return None
    return Token(0, kind, characters[: end + len(closing)])


def open_string(characters: str) -> Token | None:
    """The end of a string in triple quotes in which a text of Python begins.

    A text does not say whether its first triple quote opens or closes. The reading is taken in which the fewest
    lines are prose in what is then code, or code in what are then strings.
    """
    ends = [0] + [characters.find(quotes) + len(quotes) for quotes in TRIPLE if quotes in characters[:JUDGED]]
    start = min(ends, key=lambda end: misread_lines(characters[:JUDGED], end))
    return Token(0, String.Doc, characters[:start]) if start else None


def misread_lines(characters: str, start: int) -> int:
    """How many lines look wrong where what stands before ``start`` is taken for a string."""
    tokens = lexed(characters, Language.python, start)
    runs = groupby(tokens, key=lambda token: token.kind in String)
    strings = ["".join(token.text for token in run) for is_string, run in runs if is_string]
    long = [characters[:start], *(string for string in strings if "\n" in string)]
    return odd_lines(tokens) + sum(plain_lines(string.strip("\"'")) for string in long)


def plain_lines(characters: str) -> int:
    """Lines that are code, as far as one can see."""
    lines = sum(1 for line in characters.split("\n") if line.strip())
    return lines - odd_lines(lexed(characters, Language.python))


def odd_lines(tokens: list[Token]) -> int:
    """Lines with errors, with names side by side, or that begin with the prompt of an example.

    No code has these, and nearly all prose of docstrings has.
    """
    odd, line, before = set(), 0, Whitespace
    for token in tokens:
        if token.kind in Whitespace and "\n" not in token.text:
            continue
        beside = before in Name and token.kind in Name
        prompt = before in Whitespace and token.text == ">>"
        if beside or prompt or token.kind in Error:
            odd.add(line)
        line += token.text.count("\n")
        before = token.kind
    return len(odd)
