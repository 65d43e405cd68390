"""Which text a model reads: a file, or what its training never saw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.config import registry
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Stream
from rnnlab.data.spec import DataSpec
from rnnlab.data.symbols import Unit, codes_of
from rnnlab.errors import RequestError, did_you_mean


@dataclass(frozen=True, slots=True)
class Text:
    """symbols_N: ids, int64. characters: one for each of them; bytes are shown as Latin-1, so that none is lost or
    joined. origin: where the text is from, for people. kind: what wrote it, as a hint for lexers: the name of a
    dataset, or a file's name."""

    symbols_N: np.ndarray
    characters: str
    origin: str
    kind: str

    def __len__(self) -> int:
        return len(self.characters)


def from_file(path: Path, spec: DataSpec, most: int | None = None) -> Text:
    """A file's text, its first ``most`` symbols.

    RequestError where it cannot be read, is empty, or has a symbol that the model never saw.
    """
    if not path.is_file():
        raise RequestError(f"--text {path}: no such file")
    codes_N = np.concatenate([*codes_of(path, Unit(spec.unit)), np.empty(0, np.uint8)])[:most]
    if len(codes_N) == 0:
        raise RequestError(f"--text {path}: the file is empty")
    return Text(ids_of(codes_N, spec, path), "".join(map(chr, codes_N)), str(path), path.name)


def ids_of(codes_N: np.ndarray, spec: DataSpec, path: Path) -> np.ndarray:
    """The model's ids of code points or bytes. RequestError, with the place, for one that it never saw."""
    known_V = np.array([ord(symbol) for symbol in spec.symbols])
    order_V = known_V.argsort()
    place_N = np.searchsorted(known_V, codes_N, sorter=order_V).clip(max=len(known_V) - 1)
    ids_N = order_V[place_N]
    unseen = (known_V[ids_N] != codes_N).nonzero()[0]
    if len(unseen):
        first = int(unseen[0])
        character, line = chr(codes_N[first]), int((codes_N[:first] == ord("\n")).sum()) + 1
        raise RequestError(
            f"--text {path}: line {line}: {character!r} (U+{ord(character):04X}) is not among the {spec.vocabulary}"
            f" symbols that the model has seen{did_you_mean(character.swapcase(), spec.symbols)}"
        )
    return ids_N.astype(np.int64)


def held_out(
    config: Dataset.Config, spec: DataSpec, most: int | None = None, say: Callable[[str], None] = lambda line: None
) -> Text:
    """The part of the run's own data that training never saw: test, or val where there is no test.

    RequestError where the data cannot be had, or is not what the model was trained on.
    """
    dataset: Dataset = registry.build("data", config)
    dataset.say = say
    if dataset.prepare().symbols != spec.symbols:
        raise RequestError(
            f"data={config.name}: it has other symbols than the run was trained on; give a text with --text FILE"
        )
    name = "test" if spec.sizes.get("test", 0) > 1 else "val"
    split = dataset.split(name)
    assert isinstance(split, Stream), "a language model reads a stream"
    ids_N = np.asarray(split.ids[:most], dtype=np.int64)
    characters = "".join(spec.symbols[symbol] for symbol in ids_N)
    return Text(ids_N, characters, f"{name} part of data={config.name}", config.name)
