"""Pairs of sequences out of files: what is read and what is written, each with a vocabulary of its own.

Shapes: N items, S steps of the longest source, U steps of the longest target, A further targets of an item.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.data import prepared
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Sequences
from rnnlab.data.spec import SPLITS, DataSpec

UNKNOWN = "<unknown>"
"""Stands for every symbol that the vocabulary does not have."""
NOTHING = -1


@dataclass(frozen=True, slots=True)
class Item:
    """Symbols of a source, and of every target that is right for it."""

    source: tuple[str, ...]
    targets: tuple[tuple[str, ...], ...]


class Pairs(Dataset):
    """A set of pairs, prepared once. A subclass says where they are from and how they are split.

    An item of train has one target; where val and test have several for a source, any of them is right.
    Vocabularies are those of train.
    """

    unit: str
    prepared_folder: Path

    @abstractmethod
    def stamp(self) -> str:
        """A key of 16 hex digits for what ``items`` will give. Raises RequestError where it cannot be had."""

    @abstractmethod
    def items(self) -> Mapping[str, Sequence[Item]]:
        """The items of each split; no source stands in two of them."""

    def kept(self, counts: Counter[str]) -> list[str]:
        """The symbols that a vocabulary has, given how often each stands in train: all of them, in order."""
        return sorted(counts)

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``."""
        self.prepared_folder = self.folder() / self.stamp()
        return prepared.prepare_once(self.prepared_folder, self.build)

    def split(self, name: str) -> Sequences:
        """inputs int32 (N, S), 0 behind a source; labels int32 (N, U); alternatives where a source has several."""
        assert name in SPLITS, name
        folder = self.prepared_folder
        inputs, labels, lengths = (prepared.load(folder, f"{name}_{part}") for part in ("inputs", "labels", "lengths"))
        several = folder / f"{name}_alternatives.npy"
        alternatives = prepared.load(folder, several.stem) if several.exists() else None
        return Sequences(inputs, labels, lengths, alternatives=alternatives)

    def build(self, folder: Path) -> DataSpec:
        """Write the arrays of each split."""
        items = self.items()
        sources = self.kept(Counter(symbol for item in items["train"] for symbol in item.source))
        targets = self.kept(Counter(symbol for item in items["train"] for target in item.targets for symbol in target))
        symbols, target_symbols = tuple(sources), ("", *targets)
        everything = [item for name in SPLITS for item in items[name]]
        steps = max(len(item.source) for item in everything)
        target_steps = 1 + max(len(target) for item in everything for target in item.targets)
        digest = hashlib.sha256(repr((symbols, target_symbols)).encode())
        for name in SPLITS:
            arrays = arrays_of(items[name], symbols, target_symbols, steps, target_steps)
            for part, array in arrays.items():
                np.save(folder / f"{name}_{part}.npy", array)
                digest.update(f"{name} {part} {array.shape}".encode() + array.tobytes())
        return DataSpec(
            shape="pairs",
            symbols=symbols,
            input_size=0,
            classes=len(target_symbols),
            sizes={name: len(items[name]) for name in SPLITS},
            max_length=steps,
            unit=self.unit,
            fingerprint=digest.hexdigest(),
            target_symbols=target_symbols,
            target_length=target_steps,
        )


def arrays_of(
    items: Sequence[Item], symbols: tuple[str, ...], target_symbols: tuple[str, ...], steps: int, target_steps: int
) -> dict[str, np.ndarray]:
    """The arrays of a split by name; alternatives only where an item has several targets."""
    inputs = np.zeros((len(items), steps), dtype=np.int32)
    fill(inputs, numbered((item.source for item in items), symbols))
    labels = np.full((len(items), target_steps), NOTHING, dtype=np.int32)
    fill(labels, [(*ids, 0) for ids in numbered((item.targets[0] for item in items), target_symbols)])
    lengths = np.array([len(item.source) for item in items], dtype=np.int32)
    found = {"inputs": inputs, "labels": labels, "lengths": lengths}
    several = max((len(item.targets) for item in items), default=1) - 1
    if several:
        alternatives = np.full((len(items), several, target_steps), NOTHING, dtype=np.int32)
        for number, item in enumerate(items):
            fill(alternatives[number], [(*ids, 0) for ids in numbered(item.targets[1:], target_symbols)])
        found["alternatives"] = alternatives
    return found


def fill(rows: np.ndarray, sequences: Iterable[Sequence[int]]) -> None:
    """Put each sequence at the start of its row."""
    for row, sequence in zip(rows, sequences, strict=False):
        row[: len(sequence)] = sequence


def numbered(sequences: Iterable[Sequence[str]], symbols: tuple[str, ...]) -> list[tuple[int, ...]]:
    """Symbols as their places in a vocabulary; those that it has not as the one for the unknown."""
    places = {symbol: place for place, symbol in enumerate(symbols)}
    if UNKNOWN in places:
        unknown = places[UNKNOWN]
        return [tuple(places.get(symbol, unknown) for symbol in sequence) for sequence in sequences]
    return [tuple(places[symbol] for symbol in sequence) for sequence in sequences]
