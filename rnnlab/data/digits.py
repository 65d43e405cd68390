"""digits: 1,797 handwritten digits of 8 by 8 pixels, read row by row, pixel by pixel or permuted."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnlab.data import prepared
from rnnlab.data.images import Images
from rnnlab.errors import RequestError

RECIPE = 1  # raise it when the same version of scikit-learn shall give other arrays
SEED = 0  # of the split, the same for every experiment


class Digits(Images):
    """scikit-learn's 8x8 digits: 8 steps (rows, from the top) of 8 pixels in [0, 1], 10 classes.

    The split is fixed and stratified: 1,197 for training, 300 for validation, 300 for the test. The
    items are shuffled with a fixed seed and sorted by class; of every six, one goes to validation
    and one to the test.
    """

    licence = "BSD-3-Clause (scikit-learn); data of the UCI repository, CC BY 4.0 (see the source)"
    source = "sklearn.datasets.load_digits"
    side = 8
    sizes: ClassVar[dict[str, int]] = {"train": 1197, "val": 300, "test": 300}

    @classmethod
    def place(cls) -> Path | None:
        found = importlib.util.find_spec("sklearn")
        if found is None or found.origin is None:
            return None
        file = Path(found.origin).parent / "datasets" / "data" / "digits.csv.gz"
        return file if file.is_file() else None

    def stamp(self) -> str:
        """See ``Images.stamp``: one for each version of scikit-learn, which is not imported for it."""
        try:
            version = importlib.metadata.version("scikit-learn")
        except importlib.metadata.PackageNotFoundError as error:
            raise RequestError("data = 'digits': scikit-learn is needed; pip install scikit-learn") from error
        return prepared.stamp([], RECIPE, version)

    def images(self) -> tuple[np.ndarray, np.ndarray]:
        """See ``Images.images``."""
        from sklearn.datasets import load_digits

        digits = load_digits()
        order = split_order(digits.target)
        return digits.images[order] / 16, digits.target[order]


def split_order(labels: np.ndarray) -> np.ndarray:
    """The items of train, then val, then test: int64 (N,)."""
    shuffled = np.random.default_rng(SEED).permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    turn = np.arange(len(labels)) % 6
    return np.concatenate([by_class[turn > 1], by_class[turn == 0], by_class[turn == 1]])
