"""MNIST: files that are checked by their contents, and the split. Where it isn't at hand, made-up files stand in."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnnlab.data import mnist
from rnnlab.data.mnist import FILES, MNIST
from rnnlab.errors import RequestError


@pytest.fixture
def few(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four files in MNIST's format with 9 + 3 items; the pixels of item i are all i."""
    folder = tmp_path / "own" / "mnist"
    folder.mkdir(parents=True)
    monkeypatch.setenv("RNNLAB_DATA", str(folder.parent))
    contents = [
        header + part.astype(np.uint8).tobytes()
        for items in (np.arange(9), np.arange(9, 12))
        for header, part in ((bytes(16), np.repeat(items, 28 * 28)), (bytes(8), items % 10))
    ]
    files = [
        replace(file, contents=hashlib.sha256(part).hexdigest()) for file, part in zip(FILES, contents, strict=True)
    ]
    monkeypatch.setattr(mnist, "FILES", tuple(files))
    monkeypatch.setattr(MNIST, "sizes", {"train": 7, "val": 2, "test": 3})
    for number, (file, part) in enumerate(zip(files, contents, strict=True)):
        packed = number % 2 == 0  # either will do
        (folder / (f"{file.name}.gz" if packed else file.name)).write_bytes(gzip.compress(part) if packed else part)
    return folder


def test_items_in_the_order_of_the_files(few: Path) -> None:
    dataset = MNIST(MNIST.Config(name="mnist"))
    spec = dataset.prepare()
    assert (spec.max_length, spec.input_size, spec.classes) == (28, 28, 10)
    for name, items in (("train", range(7)), ("val", range(7, 9)), ("test", range(9, 12))):
        part = dataset.split(name)
        assert part.inputs.shape == (len(items), 28, 28) and part.inputs.dtype == np.float32
        assert (part.inputs[:, 3, 5] * 255).round().tolist() == list(items)
        assert part.labels.tolist() == [item % 10 for item in items]


def test_other_contents_are_refused(few: Path) -> None:
    (few / "train-labels-idx1-ubyte").write_bytes(bytes(17))
    with pytest.raises(RequestError, match=r"train-labels-idx1-ubyte: its sha256 is .* of its contents; remove it"):
        MNIST(MNIST.Config(name="mnist")).prepare()


def test_half_a_file_is_refused(few: Path) -> None:
    packed = few / "t10k-images-idx3-ubyte.gz"
    packed.write_bytes(packed.read_bytes()[:40])
    with pytest.raises(RequestError, match=r"t10k-images-idx3-ubyte.gz: cannot be unpacked \(.*\); remove it"):
        MNIST(MNIST.Config(name="mnist")).prepare()


def test_the_published_files(raw_data: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(shared_cache))
    if MNIST.place() is None:
        pytest.skip("data=mnist is not on this machine")
    dataset = MNIST(MNIST.Config(name="mnist"))
    assert dataset.prepare().sizes == {"train": 55_000, "val": 5_000, "test": 10_000}
    parts = [dataset.split(name) for name in ("train", "val", "test")]
    published = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(np.concatenate([parts[0].labels, parts[1].labels])).tolist() == published
    assert np.bincount(parts[2].labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert parts[0].labels[:5].tolist() == [5, 0, 4, 1, 9]
    mean = np.mean([part.inputs.mean(dtype=np.float64) for part in parts[:2]], axis=0)
    assert mean == pytest.approx(0.1307, abs=1e-3)  # what torchvision's recipes subtract
