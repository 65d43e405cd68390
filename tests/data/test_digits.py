from __future__ import annotations

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

from rnnlab.data.digits import Digits


def test_rows_of_pixels_and_their_labels(cache: Path) -> None:
    dataset = Digits(Digits.Config())
    spec = dataset.prepare()
    assert (spec.shape, spec.classes, spec.input_size, spec.max_length) == ("sequences", 10, 8, 8)
    parts = [dataset.split(name) for name in spec.sizes]
    inputs = np.concatenate([part.inputs for part in parts])
    assert inputs.dtype == np.float32 and inputs.min() == 0 and inputs.max() == 1

    def items(images: np.ndarray, labels: np.ndarray) -> list[tuple[bytes, int]]:
        pairs = zip(images.astype(np.float64), labels, strict=True)
        return sorted((image.tobytes(), int(label)) for image, label in pairs)

    labels = np.concatenate([part.labels for part in parts])
    assert items(inputs * 16, labels) == items(load_digits().images, load_digits().target)


def test_every_class_has_its_share_of_every_split(cache: Path) -> None:
    dataset = Digits(Digits.Config())
    dataset.prepare()
    for name in ("val", "test"):
        shares = np.bincount(dataset.split(name).labels) / np.bincount(load_digits().target)
        assert (abs(shares - 1 / 6) < 0.01).all()
