"""digits: 1,797 handwritten digits of 8 by 8 pixels, read row by row."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnlab.data import prepared
from rnnlab.data.base import SPLITS, Dataset, DataSpec, Sequences
from rnnlab.errors import RequestError

RECIPE = 1  # raise it when the same version of scikit-learn shall give other arrays
SEED = 0  # of the split, the same for every experiment


class Digits(Dataset):
    """scikit-learn's 8x8 digits: 8 steps (rows, from the top) of 8 pixels in [0, 1], 10 classes.

    The split is fixed and stratified: 1,197 for training, 300 for validation, 300 for the test. The
    items are shuffled with a fixed seed and sorted by class; of every six, one goes to validation
    and one to the test.
    """

    licence = "BSD-3-Clause (scikit-learn); data of the UCI repository, CC BY 4.0 (see the source)"
    source = "sklearn.datasets.load_digits"
    sizes: ClassVar[dict[str, int]] = {"train": 1197, "val": 300, "test": 300}

    @classmethod
    def place(cls) -> Path | None:
        found = importlib.util.find_spec("sklearn")
        if found is None or found.origin is None:
            return None
        file = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
        return file if file.is_file() else None

    def prepare(self) -> DataSpec:
        """See ``Dataset.prepare``. scikit-learn is imported the first time only."""
        try:
            version = importlib.metadata.version("scikit-learn")
        except importlib.metadata.PackageNotFoundError as error:
            raise RequestError("data = 'digits': scikit-learn is needed; pip install scikit-learn") from error
        self.prepared_folder = self.folder() / prepared.stamp([], RECIPE, version)
        return prepared.prepare_once(self.prepared_folder, self.build)

    def build(self, folder: Path) -> DataSpec:
        """Write ``inputs.npy`` (N, 8, 8) and ``labels.npy`` (N,), the splits one after another."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        order = split_order(digits.target)
        inputs = (digits.images[order] / 16).astype("<f4")
        labels = digits.target[order].astype("<i8")
        np.save(folder / "inputs.npy", inputs)
        np.save(folder / "labels.npy", labels)
        content = inputs.tobytes() + labels.tobytes() + repr(self.sizes).encode()
        return DataSpec(
            shape="sequences",
            symbols=(),
            input_size=8,
            classes=10,
            sizes=self.sizes,
            max_length=8,
            unit="",
            fingerprint=hashlib.sha256(content).hexdigest(),
        )

    def split(self, name: str) -> Sequences:
        """One split: inputs float32 (N, 8, 8) in [0, 1], labels int64 (N,)."""
        assert name in SPLITS, name
        start = sum(self.sizes[earlier] for earlier in SPLITS[: SPLITS.index(name)])
        part = slice(start, start + self.sizes[name])
        inputs, labels = (prepared.load(self.prepared_folder, array) for array in ("inputs", "labels"))
        return Sequences(inputs[part], labels[part])


def split_order(labels: np.ndarray) -> np.ndarray:
    """The items of train, then val, then test: int64 (N,)."""
    shuffled = np.random.default_rng(SEED).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    turn = np.arange(len(labels)) % 6
    return np.concatenate([by_class[turn > 1], by_class[turn == 0], by_class[turn == 1]])
