"""Words: inside one, how far into it; keywords of a language; addresses on the web."""

from __future__ import annotations

import re

import numpy as np
from pygments.token import Keyword, Operator

from rnnlab.features.base import Kind, Source, feature
from rnnlab.features.languages import Language

WORD = re.compile(r"\w+")
URL = re.compile(r"(?:\b(?:https?|ftps?)://|\bwww\.)(?P<rest>[^\s<>\"'()\[\]{}|\\^`]*)")


@feature
def word(source: Source) -> np.ndarray:
    """inside a word: a letter, digit or underscore has just been read"""
    return source.within(match.span() for match in WORD.finditer(source.characters))


@feature(kind=Kind.number)
def place_in_word(source: Source) -> np.ndarray:
    """how many characters of the word have been read; not asked outside words"""
    place_N = np.full(len(source), np.nan, dtype=np.float32)
    for match in WORD.finditer(source.characters):
        place_N[match.start() : match.end()] = np.arange(1, match.end() - match.start() + 1)
    return place_N


@feature(languages=(Language.python, Language.c))
def keyword(source: Source) -> np.ndarray:
    """inside a keyword of the language

    A lexer looks ahead to the end of the word: after the i of ``if`` it could be ``index`` as well.
    """
    return source.within(
        (token.start + match.start(), token.start + match.end())  # "yield from" is one token
        for token in source.tokens
        if token.kind in Keyword or token.kind in Operator.Word
        for match in WORD.finditer(token.text)
    )


@feature
def url(source: Source) -> np.ndarray:
    """inside an address on the web, from the second slash of :// or the dot of www. on"""
    return source.within((match.start("rest") - 1, match.end()) for match in URL.finditer(source.characters))
