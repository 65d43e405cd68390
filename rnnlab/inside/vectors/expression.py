"""``king-man+woman``: a sum of words."""

from __future__ import annotations

import re

from rnnlab.errors import RequestError
from rnnlab.inside.vectors.table import WordVectors

OPTION = "--analogy"
TERM = re.compile(r"([+-])")
SPACED_TERM = re.compile(r"\s([+-])\s")


def parse(text: str, vectors: WordVectors) -> list[tuple[int, int]]:
    """The sign and the place of each word.

    Where the signs stand between spaces, a word may have a hyphen inside: ``mother-in-law - woman + man``.
    RequestError for a sum without two words, a sign without a word, and a word that is not known.
    """
    parts = (SPACED_TERM if SPACED_TERM.search(text) else TERM).split(f" {text.strip()}")
    words, signs = [word.strip() for word in parts[0::2]], ["+", *parts[1::2]]
    if len(words) > 1 and not words[0]:  # a sign before the first word
        words, signs = words[1:], signs[1:]
    if len(words) < 2 or not all(words):
        raise RequestError(f"{OPTION} {text!r}: give words with + and - between them, as in king-man+woman")
    return [
        (1 if sign == "+" else -1, vectors.place(word, f"{OPTION} {text!r}"))
        for sign, word in zip(signs, words, strict=True)
    ]
