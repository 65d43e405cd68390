"""Short texts with a class each, as symbols: the characters of each one, and a mark of its end.

Shapes: N items, T steps: the characters of the longest, and one for the mark.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from rnnlab.data.contents import Sequences
from rnnlab.data.items import Contents
from rnnlab.data.stratified import stratified

UNKNOWN = ""
"""The symbol 0: padding, and each character that fewer than two texts of train have."""
END = "\n"
"""The last symbol of each text: with it "-ova" at the end of a name is other than "ova" within."""
COMMON = 2


def text_contents(texts: Sequence[str], labels: Sequence[str], seed: int, where: str) -> Contents:
    """Texts and the name of each one's class, split and as ids; classes and characters are sorted.

    A text that is given twice for one class is taken once. Raises as ``stratified``.
    """
    pairs = list(dict.fromkeys(zip(texts, labels, strict=True)))
    parts = stratified([text for text, _ in pairs], [label for _, label in pairs], seed, where)
    names = tuple(sorted(set(labels)))
    symbols = common_characters([pairs[place][0] for place in parts["train"]])
    longest = max(len(text) for text, _ in pairs) + 1
    return Contents(
        {
            name: as_symbols([pairs[place] for place in places], symbols, names, longest)
            for name, places in parts.items()
        },
        labels=names,
        symbols=symbols,
    )


def common_characters(texts: Sequence[str]) -> tuple[str, ...]:
    """``UNKNOWN``, and sorted ``END`` and the characters that at least two texts have."""
    counts = Counter(character for text in texts for character in set(text))
    return (UNKNOWN, *sorted({END} | {character for character, count in counts.items() if count >= COMMON}))


def as_symbols(
    pairs: Sequence[tuple[str, str]], symbols: tuple[str, ...], labels: tuple[str, ...], steps: int
) -> Sequences:
    """Texts with their classes as ids: inputs int32 (N, steps), labels and lengths int64 (N,)."""
    symbol_ids = {symbol: number for number, symbol in enumerate(symbols)}
    label_ids = {label: number for number, label in enumerate(labels)}
    inputs = np.zeros((len(pairs), steps), dtype=np.int32)
    for row, (text, _) in zip(inputs, pairs, strict=True):
        row[: len(text) + 1] = [symbol_ids.get(character, 0) for character in text + END]
    return Sequences(
        inputs,
        labels=np.array([label_ids[label] for _, label in pairs], dtype=np.int64),
        lengths=np.array([len(text) + 1 for text, _ in pairs], dtype=np.int64),
    )


def texts_of(part: Sequences, symbols: tuple[str, ...]) -> list[str]:
    """What the ids of a split stand for, without ``END``; U+FFFD for characters that train hardly has."""
    shown = np.array([symbol or "\ufffd" for symbol in symbols])
    assert part.lengths is not None
    return ["".join(shown[row[: length - 1]]) for row, length in zip(part.inputs, part.lengths, strict=True)]
