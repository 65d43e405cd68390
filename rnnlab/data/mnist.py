"""mnist: 70,000 handwritten digits of 28 by 28 pixels, read row by row, pixel by pixel or permuted."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from rnnlab.config.schema import aside
from rnnlab.data import checksums, prepared
from rnnlab.data.images import Images
from rnnlab.data.raw import RawFile
from rnnlab.errors import RequestError

RECIPE = 1  # raise it when the same files shall give other arrays
FOLDER = "mnist"
MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist"
IMAGES_HEADER, LABELS_HEADER = 16, 8  # bytes of an idx file before its contents


@dataclass(frozen=True, slots=True)
class IdxFile:
    """One of the four published files. Mirrors compress them anew: the checksum of the contents counts.

    contents   sha256 of the unpacked file
    archive    sha256 of the packed one as it was published, for the download
    """

    name: str
    contents: str
    archive: str

    @property
    def packed(self) -> RawFile:
        return RawFile(FOLDER, f"{self.name}.gz", self.archive, f"{MIRROR}/{self.name}.gz")

    def lying(self) -> Path | None:
        """Where it lies on this machine now, unpacked or not, unchecked; or None."""
        return RawFile(FOLDER, self.name, self.contents, self.packed.url).lying() or self.packed.lying()

    def read(self, path: Path) -> bytes:
        """Its contents, checked. Raises RequestError where they are others."""
        advice = "remove it or put the published file in its place"
        try:
            contents = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise RequestError(f"{path}: cannot be unpacked ({error}); {advice}") from error
        except OSError as error:
            raise RequestError(f"{path}: cannot be read ({error.strerror})") from error
        checksums.check(path, hashlib.sha256(contents).hexdigest(), self.contents, f"of its contents; {advice}")
        return contents


FILES = (
    IdxFile(
        "train-images-idx3-ubyte",
        "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    IdxFile(
        "train-labels-idx1-ubyte",
        "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    IdxFile(
        "t10k-images-idx3-ubyte",
        "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    IdxFile(
        "t10k-labels-idx1-ubyte",
        "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
)


class MNIST(Images):
    """MNIST (LeCun et al. 1998): 28 steps (rows, from the top) of 28 pixels in [0, 1], 10 classes.

    Of the 60,000 training items, which are published in a mixed order, the last 5,000 are for validation; the
    test part is the published one.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Images.Config):
        """val_rows: a validation of 5,000 items wants many side by side."""

        val_rows: int = aside(250)

    licence = "CC BY-SA 3.0 (see the source)"
    source = f"{MIRROR}/{FILES[0].name}.gz and three more"
    side = 28
    sizes: ClassVar[dict[str, int]] = {"train": 55_000, "val": 5_000, "test": 10_000}

    @classmethod
    def place(cls) -> Path | None:
        return FILES[0].lying()

    def stamp(self) -> str:
        """See ``Images.stamp``. The four files are looked for, and downloaded where need be."""
        self.paths = [file.lying() or file.packed.obtain(self.progress, self.say) for file in FILES]
        return prepared.stamp(self.paths, RECIPE)

    def images(self) -> tuple[np.ndarray, np.ndarray]:
        """See ``Images.images``."""
        raw = [file.read(path) for file, path in zip(FILES, self.paths, strict=True)]
        pixels = np.concatenate([np.frombuffer(part, np.uint8, offset=IMAGES_HEADER) for part in raw[0::2]])
        labels = np.concatenate([np.frombuffer(part, np.uint8, offset=LABELS_HEADER) for part in raw[1::2]])
        return pixels.reshape(-1, self.side, self.side).astype(np.float32) / 255, labels
