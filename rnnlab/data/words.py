"""From text to words and back.

    text    "Don't!" she said (twice).
    words   "   Don't   !   "   she   said   (   twice   )   .

A word is a run of letters and digits, with apostrophes and hyphens inside it; every other character that is no
white space is a word by itself, and so are the end of a line and ``<unk>``, which stands for all words that a
vocabulary has not. Written as text again, words have one space between them, but none after an opening bracket or
quote, none before a closing one or a mark that ends a part of a sentence, and none around the end of a line. So
the words of that text are the same words again; what is lost is how much white space there was, and where it was
unusual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.data.symbols import texts_of

UNKNOWN = "<unk>"
WORD = re.compile(r"<unk>|\n|\w+(?:['’-]\w+)*|[^\w\s]")
OPENING = frozenset("([{“‘«¿¡\n")
CLOSING = frozenset(".,;:!?)]}%…”’»\n")


def words_of(text: str) -> list[str]:
    """The words of a text in their order."""
    return WORD.findall(text)


def written(words: Iterable[str], after: str = "\n") -> Iterator[str]:
    """Words as pieces of a text, each with the space that belongs before it. after: the word before the first."""
    for word in words:
        yield word if after in OPENING or word in CLOSING else f" {word}"
        after = word


@dataclass(frozen=True, slots=True)
class Counted:
    """The words of several files, one after the other.

    kinds      the different words in the order in which they first stand there, after ``<unk>``, which is the first
    numbers_N  uint32, which of them each word is
    lengths    words of each file
    """

    kinds: list[str]
    numbers_N: np.ndarray
    lengths: list[int]


def count_words(files: Iterable[Path], lowercase: bool) -> Counted:
    """Read files of text, which must be UTF-8; see ``symbols.texts_of`` for what is refused."""
    numbers: dict[str, int] = {UNKNOWN: 0}
    blocks, lengths = [np.empty(0, np.uint32)], []
    for path in files:
        length = 0
        for text in whole_lines(texts_of(path)):
            words = words_of(text.lower() if lowercase else text)
            found = (numbers.setdefault(word, len(numbers)) for word in words)
            blocks.append(np.fromiter(found, np.uint32, len(words)))
            length += len(words)
        lengths.append(length)
    return Counted(list(numbers), np.concatenate(blocks), lengths)


def whole_lines(blocks: Iterable[str]) -> Iterator[str]:
    """The same text in blocks that end with a line: no word lies across such a border."""
    rest = ""
    for block in blocks:
        lines, end, rest = (rest + block).rpartition("\n")
        yield lines + end
    yield rest


def most_frequent(counted: Counted, train: int, most: int) -> tuple[tuple[str, ...], np.ndarray]:
    """The vocabulary, and every word's place in it.

    The vocabulary is ``<unk>`` and after it at most ``most`` words, the most frequent of the first ``train`` words
    first, equally frequent ones by their characters; the ids are the smallest unsigned integers that hold them.
    """
    counts = np.bincount(counted.numbers_N[:train], minlength=len(counted.kinds))
    ranked = sorted(np.flatnonzero(counts[1:]) + 1, key=lambda number: (-counts[number], counted.kinds[number]))
    kept = ranked[:most]
    place = np.zeros(len(counted.kinds), dtype=np.min_scalar_type(len(kept)))
    place[kept] = np.arange(1, len(kept) + 1)
    return (UNKNOWN, *(counted.kinds[number] for number in kept)), place[counted.numbers_N]


def find_word(word: str, places: dict[str, int]) -> int | None:
    """The id of a word as it is, or else in lower case; None where the vocabulary has neither."""
    return places.get(word, places.get(word.lower()))


def places_of(symbols: Sequence[str]) -> dict[str, int]:
    """The id of each word of a vocabulary."""
    return {word: place for place, word in enumerate(symbols)}
