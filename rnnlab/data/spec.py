"""What a model needs to know of its data before it has seen any: ``DataSpec``.

There are seven shapes of data. A *stream* is one long row of symbols whose next symbol is the
target; state can be carried from window to window. The others are separate items: *sequences* have
a class each, *numbers* a number each, *steps* a class at each of their steps that is marked, *series*
the numbers that come next, *pairs* a sequence each, of other symbols and another length; *captions*
are such sequences for pictures.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, fields
from typing import Any

SPLITS = ("train", "val", "test")
TUPLES = ("symbols", "target_symbols", "picture", "labels", "label_counts")
"""The fields of a description that are tuples, which JSON has no word for."""


@dataclass(frozen=True, slots=True)
class DataSpec:
    """All that a model needs to know of its data. Cheap to get, and cached beside the data.

    shape        "stream", "sequences", "numbers", "steps", "series", "pairs" or "captions"
    symbols      the vocabulary, index = id: characters, or chr(0) .. chr(255) for bytes; () for vectors
    input_size   features per step of vector data; 0 for symbols
    classes      number of labels of sequences or steps, of symbols of a target; 0 for a stream and for numbers
    sizes        symbols (stream) or items (all others) in each split, e.g. {"train": 1003854, ...};
                 a split that the literature does not have is 0
    max_length   longest sequence in steps; 0 for a stream
    unit         what one symbol is: "character", "byte", "word", or "" for vectors
    fingerprint  sha256 over contents, vocabulary and split: equal data, equal fingerprint
    target_symbols  the vocabulary of what is written, of pairs and captions; the first, "", ends it (and starts it)
    target_length   longest target in steps, its end among them; of a series, steps ahead
    picture      channels, height and width of what captions are for
    labels       names of the classes, in their order; () where they have none but their numbers
    label_counts items of each class in train; () where classes are drawn or of about one size
    """

    shape: str
    symbols: tuple[str, ...]
    input_size: int
    classes: int
    sizes: dict[str, int]
    max_length: int
    unit: str
    fingerprint: str
    target_symbols: tuple[str, ...] = ()
    target_length: int = 0
    picture: tuple[int, ...] = ()
    labels: tuple[str, ...] = ()
    label_counts: tuple[int, ...] = ()

    @property
    def vocabulary(self) -> int:
        return len(self.symbols)

    def plain(self) -> dict[str, Any]:
        """The description as dictionaries, lists and numbers, for JSON and checkpoints."""
        tuples = {name: list(getattr(self, name)) for name in TUPLES}
        return {**asdict(self), **tuples}

    @classmethod
    def form(cls) -> str:
        """8 hex digits of the fields' names: versions of rnnlab that describe data in other words keep apart by it."""
        names = " ".join(field.name for field in fields(cls))
        return hashlib.sha256(names.encode()).hexdigest()[:8]

    @classmethod
    def restore(cls, plain: dict[str, Any]) -> DataSpec:
        """The inverse of ``plain``. Raises KeyError or TypeError where it isn't a description."""
        tuples = {name: tuple(plain.get(name, ())) for name in TUPLES}
        return cls(**{**plain, **tuples})
