"""Brackets: inside which, and how deep.

Of code, the brackets outside strings and comments; there the depth stays as it was. Of other text, all.
A closing bracket that nothing opened counts for nothing; one left open is forgotten where it cannot be meant:
see ``forgets``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
from pygments.token import Comment, Name, String

from rnnlab.features.base import Kind, Source, feature
from rnnlab.features.languages import Language
from rnnlab.features.lexing import Token

ROUND, SQUARE, CURLY = "()", "[]", "{}"
PROSE = re.compile(r"[()\[\]{}]|\n[ \t]*\n")
STATEMENT = re.compile(r"(?:def|class|import|return|while|with|try|raise|del|pass|break|continue)\b")
BRACKETS = frozenset("()[]{}")
FORGET = ""


@feature
def parentheses(source: Source) -> np.ndarray:
    """inside parentheses, from the opening one up to before the closing one"""
    return depth(source, ROUND) > 0


@feature
def square_brackets(source: Source) -> np.ndarray:
    """inside square brackets, from the opening one up to before the closing one"""
    return depth(source, SQUARE) > 0


@feature
def curly_brackets(source: Source) -> np.ndarray:
    """inside curly brackets, from the opening one up to before the closing one"""
    return depth(source, CURLY) > 0


@feature(kind=Kind.number)
def parenthesis_depth(source: Source) -> np.ndarray:
    """how many parentheses are open"""
    return depth(source, ROUND)


@feature(kind=Kind.number)
def square_depth(source: Source) -> np.ndarray:
    """how many square brackets are open"""
    return depth(source, SQUARE)


@feature(kind=Kind.number)
def curly_depth(source: Source) -> np.ndarray:
    """how many curly brackets are open"""
    return depth(source, CURLY)


def depth(source: Source, pair: str) -> np.ndarray:
    """Open brackets of one kind after each character, float32 (N,)."""
    depth_N = np.zeros(len(source), dtype=np.float32)
    open_now, since = 0, 0
    for place, sign in signs(source):
        if sign and sign not in pair:
            continue
        depth_N[since:place] = open_now
        since = place
        open_now = 0 if sign == FORGET else max(0, open_now + (1 if sign == pair[0] else -1))
    depth_N[since:] = open_now
    return depth_N


def signs(source: Source) -> Iterator[tuple[int, str]]:
    """Each bracket with its place, in order; ``FORGET`` where all that is open is forgotten."""
    if source.language in (Language.python, Language.c):
        return code_signs(source)
    return prose_signs(source)


def code_signs(source: Source) -> Iterator[tuple[int, str]]:
    """The brackets outside strings and comments; one that makes the others forgotten still counts."""
    column_N = source.column_N
    first_of_line = True
    for token in source.tokens:
        if token.kind in String or token.kind in Comment:
            first_of_line = first_of_line and token.kind in Comment
            continue
        if forgets(token, int(column_N[token.start]), source.language, first_of_line):
            yield token.start, FORGET
        if token.text in BRACKETS:
            yield token.start, token.text
        first_of_line = "\n" in token.text or (first_of_line and token.text.isspace())


def forgets(token: Token, column: int, language: Language, first_of_line: bool) -> bool:
    """Whether a token can only stand outside all brackets.

    In Python a statement that no expression holds, at a line's beginning; in C a brace in the first column
    (the branches of an ``#if`` may each open what only one of them closes).
    """
    if language is Language.python:
        return first_of_line and STATEMENT.match(token.text) is not None
    return column == 0 and token.text in ("{", "}")


def prose_signs(source: Source) -> Iterator[tuple[int, str]]:
    """All brackets; those left open are forgotten with their paragraph, or with the next tag where there are tags."""
    found = [(m.end() - 1, m[0] if m[0] in BRACKETS else FORGET) for m in PROSE.finditer(source.characters)]
    if source.language is not Language.xml:
        return iter(found)
    tags = [(token.start, FORGET) for token in source.tokens if token.kind in Name.Tag]
    return iter(sorted([(place, sign) for place, sign in found if sign != FORGET] + tags))
