"""Pictures and labels in idx files, four to a set, as MNIST was published and others after it."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnlab.config.schema import aside
from rnnlab.data import checksums, prepared
from rnnlab.data.images import Images
from rnnlab.data.raw import RawFile
from rnnlab.errors import RequestError

IMAGES_HEADER, LABELS_HEADER = 16, 8  # bytes of an idx file before its contents
ADVICE = "remove it or put the published file in its place"


@dataclass(frozen=True, slots=True)
class IdxFile:
    """One of the four published files. Mirrors compress them anew: the checksum of the contents counts.

    folder     of the set, under ``$RNNLAB_DATA`` and in the cache
    mirror     the URL of the folder from which it is downloaded
    contents   sha256 of the unpacked file; None where only the packed one's was published: then it must be packed
    archive    sha256 of the packed one as it was published
    """

    folder: str
    mirror: str
    name: str
    contents: str | None
    archive: str

    @property
    def packed(self) -> RawFile:
        return RawFile(self.folder, f"{self.name}.gz", self.archive, f"{self.mirror}/{self.name}.gz")

    def lying(self) -> Path | None:
        """Where it lies on this machine now, unpacked or not, unchecked; or None."""
        if self.contents is None:
            return self.packed.lying()
        return RawFile(self.folder, self.name, self.contents, self.packed.url).lying() or self.packed.lying()

    def read(self, path: Path) -> bytes:
        """Its contents, checked. Raises RequestError where they are others."""
        try:
            stored = path.read_bytes()
            contents = gzip.decompress(stored) if path.suffix == ".gz" else stored
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise RequestError(f"{path}: cannot be unpacked ({error}); {ADVICE}") from error
        except OSError as error:
            raise RequestError(f"{path}: cannot be read ({error.strerror})") from error
        if self.contents is None:
            checksums.check(path, hashlib.sha256(stored).hexdigest(), self.archive, ADVICE)
        else:
            found = hashlib.sha256(contents).hexdigest()
            checksums.check(path, found, self.contents, f"of its contents; {ADVICE}")
        return contents


class IdxImages(Images):
    """70,000 pictures of 28 by 28 pixels: 28 steps (rows, from the top) of 28 pixels in [0, 1], 10 classes.

    Of the 60,000 training items, which are published in a mixed order, the last 5,000 are for validation; the
    test part is the published one.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Images.Config):
        """val_rows: a validation of 5,000 items wants many side by side."""

        val_rows: int = aside(250)

    side = 28
    sizes: ClassVar[dict[str, int]] = {"train": 55_000, "val": 5_000, "test": 10_000}
    recipe: ClassVar[int]
    """Raised when the same files shall give other arrays."""

    @classmethod
    @abstractmethod
    def files(cls) -> tuple[IdxFile, ...]:
        """Pictures and labels of train, then those of test."""

    @classmethod
    def place(cls) -> Path | None:
        return cls.files()[0].lying()

    def stamp(self) -> str:
        """See ``Images.stamp``. The four files are looked for, and downloaded where need be."""
        self.paths = [file.lying() or file.packed.obtain(self.progress, self.say) for file in self.files()]
        return prepared.stamp(self.paths, self.recipe)

    def images(self) -> tuple[np.ndarray, np.ndarray]:
        """See ``Images.images``."""
        raw = [file.read(path) for file, path in zip(self.files(), self.paths, strict=True)]
        pixels = np.concatenate([np.frombuffer(part, np.uint8, offset=IMAGES_HEADER) for part in raw[0::2]])
        labels = np.concatenate([np.frombuffer(part, np.uint8, offset=LABELS_HEADER) for part in raw[1::2]])
        return pixels.reshape(-1, self.side, self.side).astype(np.float32) / 255, labels
