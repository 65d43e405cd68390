"""Small square pictures with a label each, and the order in which a network reads their pixels.

Shapes: N items, S side of a picture in pixels.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnlab.config.schema import late
from rnnlab.data import prepared
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Sequences
from rnnlab.data.spec import SPLITS, DataSpec

PERMUTATION_SEED = 92916
"""Of the fixed permutation: the one of scoRNN (Helfrich et al. 2018), expRNN and others for 784 pixels.

``RandomState`` and not a Generator: its numbers stay the same in every version of NumPy.
"""


class Order(str, Enum):
    """rows: S steps of S pixels. pixels: S*S steps of one. permuted: the same in one fixed random order."""

    rows = "rows"
    pixels = "pixels"
    permuted = "permuted"


class Images(Dataset):
    """Pictures of S by S pixels in [0, 1] in 10 classes, read from the top; a subclass says where they are from.

        rows        step 0: # # . .      pixels    steps 0 .. 15: # # . . . # # . . # . . # # # .
                    step 1: . # # .      permuted  the same 16 in another order, which is that of all items
                    step 2: . # . .
                    step 3: # # # .      (S = 4)

    Row by row what belongs together is S or fewer steps apart, pixel by pixel S*S, and permuted nothing near
    tells of its neighbours.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Dataset.Config):
        """order: how the pixels are read (Le et al. 2015 for pixels and permuted)."""

        order: Order = late(Order.rows)

    side: ClassVar[int]
    sizes: ClassVar[dict[str, int]]
    config: Config
    prepared_folder: Path

    @abstractmethod
    def stamp(self) -> str:
        """A key of 16 hex digits for what ``images`` will give. Raises RequestError where it cannot be had."""

    @abstractmethod
    def images(self) -> tuple[np.ndarray, np.ndarray]:
        """float32 (N, S, S) in [0, 1] and int64 (N,), the splits one after another."""

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``. The pictures are stored once, whatever the order."""
        self.prepared_folder = self.folder() / self.stamp()
        spec, order = prepared.prepare_once(self.prepared_folder, self.build), self.config.order
        if order is Order.rows:
            return spec
        fingerprint = hashlib.sha256(f"{spec.fingerprint} {order.value}".encode()).hexdigest()
        return replace(spec, input_size=1, max_length=self.side**2, fingerprint=fingerprint)

    def build(self, folder: Path) -> DataSpec:
        """Write ``inputs.npy`` (N, S, S) and ``labels.npy`` (N,)."""
        images, classes = self.images()
        inputs, labels = images.astype("<f4"), classes.astype("<i8")
        np.save(folder / "inputs.npy", inputs)
        np.save(folder / "labels.npy", labels)
        digest = hashlib.sha256(inputs.data)
        digest.update(labels.tobytes() + repr(self.sizes).encode())
        return DataSpec(
            shape="sequences",
            symbols=(),
            input_size=self.side,
            classes=10,
            sizes=self.sizes,
            max_length=self.side,
            unit="",
            fingerprint=digest.hexdigest(),
        )

    def split(self, name: str) -> Sequences:
        """One split: inputs float32 (N, S, S), or (N, S*S, 1), in [0, 1]; labels int64 (N,)."""
        assert name in SPLITS, name
        start = sum(self.sizes[earlier] for earlier in SPLITS[: SPLITS.index(name)])
        part = slice(start, start + self.sizes[name])
        inputs, labels = (prepared.load(self.prepared_folder, array) for array in ("inputs", "labels"))
        return Sequences(in_order(inputs[part], self.config.order), labels[part])


def in_order(images: np.ndarray, order: Order) -> np.ndarray:
    """Pictures (N, S, S) as steps: a view, except for permuted pixels."""
    if order is Order.rows:
        return images
    pixels = images.reshape(len(images), -1, 1)
    return pixels if order is Order.pixels else pixels[:, permutation(pixels.shape[1])]


def permutation(pixels: int) -> np.ndarray:
    """Which pixel stands at each step, the same for every item and every run: int64 (pixels,)."""
    return np.random.RandomState(PERMUTATION_SEED).permutation(pixels)
