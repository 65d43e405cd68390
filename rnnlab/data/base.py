"""What a dataset gives: a cheap description (``DataSpec``) and, for each split, its contents.

Shapes: B batch rows, T time steps, D input features, N items.

There are seven shapes of data. A *stream* is one long row of symbols whose next symbol is the
target; state can be carried from window to window. The others are separate items: *sequences* have
a class each, *numbers* a number each, *steps* a class at each of their steps that is marked, *series*
the numbers that come next, *pairs* a sequence each, of other symbols and another length; *captions*
are such sequences for pictures.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from rnnlab.config.schema import ComponentConfig, aside, require
from rnnlab.data.memoryless import memoryless_loss
from rnnlab.data.places import cache_root

if TYPE_CHECKING:
    import torch

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
    unit         what one symbol is: "character", "byte", or "" for vectors
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


@dataclass(slots=True)
class Batch:
    """One window of a stream, or one batch of sequences.

    inputs   int64 (B, T) symbols, float32 (B, T, D) vectors, or float32 (B, C, H, W) pictures in [0, 1]
    targets  int64 (B, T) next symbols, int64 (B,) classes, float32 (B,) numbers, float32 (B, U) numbers to come,
             int64 (B, T) classes of steps, -1 where nothing is asked, or int64 (B, U) what is written, 0 at its
             end, -1 behind it
    lengths  int64 (B,) valid steps of each row, or None where all T are valid
    reset    bool (B, T): the state is set back to its initial value before step t; None for nowhere
    lags     int64 (B,) or (B, T), see ``Sequences``; None where the data does not say
    alternatives  int64 (B, A, U), see ``Sequences``
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor | None = None
    reset: torch.Tensor | None = None
    lags: torch.Tensor | None = None
    alternatives: torch.Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        def move(tensor: torch.Tensor | None) -> torch.Tensor | None:
            return None if tensor is None else tensor.to(device, non_blocking=True)

        parts = (self.inputs, self.targets, self.lengths, self.reset, self.lags, self.alternatives)
        return Batch(*map(move, parts))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Stream:
    """One split of a stream.

    ids        unsigned integers (N,), memory-mapped: a window is a view of it
    documents  int64 offsets into ids at which a document starts; the first is 0
    """

    ids: np.ndarray
    documents: np.ndarray


@dataclass(frozen=True, slots=True)
class Sequences:
    """One split of labelled sequences.

    inputs   float32 (N, T, D) vectors; integers (N, T): symbols; or uint8 (N, C, H, W): pictures
    labels   integers (N,): classes; float32 (N,): numbers; float32 (N, U): numbers to come; integers (N, T): a
             class at each step, -1 where nothing is asked; or integers (N, U): symbols of a target, 0 at its end
             and -1 behind it
    lengths  integers (N,): valid steps of each item, None where all T are valid
    lags     integers shaped as labels: steps from where the needed information stood to where it is asked
             for (0: the same step), -1 where nothing is asked; None where no single place holds it
    shortened  batches end with their longest row, not with the longest of all; for sets with lengths
    sources  integers (N,): which of the inputs each item is about, where several are about one; None: each has its own
    """

    inputs: np.ndarray
    labels: np.ndarray
    lengths: np.ndarray | None = None
    lags: np.ndarray | None = None
    alternatives: np.ndarray | None = None
    shortened: bool = False
    sources: np.ndarray | None = None


class Share(NamedTuple):
    """How many of how many."""

    right: int
    of: int


class Dataset(ABC):
    """A named set of data. Subclasses say where it comes from; nothing is read before ``prepare``."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """batch_size: rows trained side by side. val_rows: rows of a validation during training."""

        batch_size: int = 32
        val_rows: int = aside(32)

        def __post_init__(self) -> None:
            require(self.batch_size >= 1, "data.batch_size", self.batch_size, "it must be at least 1")
            require(self.val_rows >= 1, "data.val_rows", self.val_rows, "it must be at least 1")

    licence: ClassVar[str]
    source: ClassVar[str]

    def __init__(self, config: Config) -> None:
        """``say`` and ``progress`` are silent until a caller with a terminal replaces them.

        say(line)                        a remark for the user, e.g. that a checksum was pinned
        progress(label, done, total)     bytes of a download so far; total 0 where nobody knows it
        """
        self.config = config
        self.say: Callable[[str], None] = lambda line: None
        self.progress: Callable[[str, int, int], None] = lambda label, done, total: None

    @abstractmethod
    def prepare(self) -> DataSpec:
        """Find or download the data, check it, build the id array in the cache once, describe it.

        Raises RequestError where the data cannot be had (no such file, not UTF-8, checksum mismatch).
        """

    @abstractmethod
    def split(self, name: str) -> Stream | Sequences:
        """The contents of "train", "val" or "test", after ``prepare``."""

    def memoryless(self) -> float | None:
        """The loss on val of the best predictor that knows the step and nothing of the inputs; None for a stream.

        Nats, or squared error for numbers; see ``memoryless_loss``.
        """
        spec = self.prepare()
        if spec.shape == "stream":
            return None
        train, val = self.split("train"), self.split("val")
        assert isinstance(train, Sequences) and isinstance(val, Sequences)
        return memoryless_loss(train.labels, val.labels, spec.classes)

    def rivals(self) -> dict[str, float]:
        """Figures of methods without a network, fitted on train: {"NAME/SPLIT/FIGURE": value}; {} for none.

        They stand beside a run's own figures of the same split. What takes long is kept in the cache.
        """
        return {}

    def read_as(self, text: str) -> list[str]:
        """The symbols of a text that somebody types, as this set has them in what is read: its characters."""
        return list(text)

    def written_as(self, symbols: Sequence[str]) -> str:
        """Symbols of a target as people read them: one behind the other."""
        return "".join(symbols)

    def judge(
        self, split: str, written: Sequence[Sequence[str]], looked: Sequence[np.ndarray] | None
    ) -> dict[str, Share]:
        """What this set can tell of words written about each item of a split, by name; {} for nothing.

        looked: of a picture, (U, rows, columns): the weights of its places at each word, and at the end behind them;
        None without attention.
        """
        return {}

    @classmethod
    def option(cls) -> str:
        """The name of the set in ``data=NAME``: the name of its module."""
        return cls.__module__.rpartition(".")[2]

    @classmethod
    def folder(cls) -> Path:
        """Where the prepared data lies: in the cache, a folder per form of the description, and in it one per set."""
        return cache_root() / "prepared" / DataSpec.form() / cls.option()

    @classmethod
    def place(cls) -> Path | None:
        """Where the raw data lies on this machine now, or None where it must first be had."""
        return None
