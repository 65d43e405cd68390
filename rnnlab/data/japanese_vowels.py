"""japanese_vowels: which of nine men said the two vowels /ae/?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.config.schema import aside
from rnnlab.data import prepared
from rnnlab.data.contents import Sequences
from rnnlab.data.installed import shipped
from rnnlab.data.items import Contents, Items, padded_vectors, standardised
from rnnlab.data.raw import RawFile
from rnnlab.errors import RequestError

RECIPE = 1  # raise it when the same files shall give other arrays
FOLDER = "japanese_vowels"
PACKAGE, INSIDE = "aeon", ("datasets", "data", "JapaneseVowels")
UCI = "https://archive.ics.uci.edu/ml/machine-learning-databases/JapaneseVowels-mld"
PUBLISHED = {name: RawFile(FOLDER, f"ae.{name}", None, f"{UCI}/ae.{name}") for name in ("train", "test")}
COEFFICIENTS = 12
SPEAKERS = tuple(str(number) for number in range(1, 10))
TRAINING = (30,) * 9
TEST = (31, 35, 88, 44, 29, 24, 40, 50, 29)
"""Utterances of each speaker in the two files, which stand there in the order of speakers."""
HELD_OUT = 5
"""Of each speaker's 30, the last ones are for validation."""


class JapaneseVowels(Items):
    """640 utterances (Kudo, Toyama & Shimbo 1999): 7 to 29 frames of 12 LPC cepstrum coefficients, 9 speakers.

    The split is the published one, 270 and 370; of the 270, the last five of each speaker are for validation.
    Each coefficient is standardised by what it is in train.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Items.Config):
        """batch_size: train has 225 items. val_rows: rows of a validation."""

        batch_size: int = 16
        val_rows: int = aside(100)

    licence = "CC BY 4.0 (UCI repository; see the source)"
    source = f"{UCI}/ae.train and ae.test, or the package {PACKAGE}"

    @classmethod
    def place(cls) -> Path | None:
        return shipped(PACKAGE, *INSIDE, "JapaneseVowels_TRAIN.ts") or PUBLISHED["train"].lying()

    def stamp(self) -> str:
        """See ``Items.stamp``. Files of an installed package come first, then the user's own, then a download."""
        names = {name: f"JapaneseVowels_{name.upper()}.ts" for name in PUBLISHED}
        inside = {name: shipped(PACKAGE, *INSIDE, file) for name, file in names.items()}
        self.files = {name: inside[name] or PUBLISHED[name].obtain(self.progress, self.say) for name in PUBLISHED}
        return prepared.stamp(self.files.values(), RECIPE)

    def contents(self) -> Contents:
        """See ``Items.contents``."""
        known, test = (read(self.files[name], counts) for name, counts in (("train", TRAINING), ("test", TEST)))
        kept = [place % TRAINING[0] < TRAINING[0] - HELD_OUT for place in range(len(known))]
        chosen = {
            "train": [item for item, keep in zip(known, kept, strict=True) if keep],
            "val": [item for item, keep in zip(known, kept, strict=True) if not keep],
            "test": test,
        }
        steps = max(len(frames) for frames, _ in (*known, *test))
        return Contents(standardised({name: sequences(items, steps) for name, items in chosen.items()}), SPEAKERS)


def sequences(items: list[tuple[np.ndarray, int]], steps: int) -> Sequences:
    """Utterances with their speakers, as arrays."""
    inputs, lengths = padded_vectors([frames for frames, _ in items], steps)
    return Sequences(inputs, np.array([speaker for _, speaker in items], dtype=np.int64), lengths)


def read(path: Path, counts: tuple[int, ...]) -> list[tuple[np.ndarray, int]]:
    """The utterances of a file, (T, 12), and the number of each one's speaker from 0.

    Raises RequestError where the file does not hold as many of each speaker as were published.
    """
    try:
        text = path.read_text(encoding="utf-8")
        items = from_ts(text) if path.suffix == ".ts" else from_uci(text, counts)
    except ValueError as error:
        raise RequestError(f"{path}: not the published file ({error}); put that in its place") from error
    found = tuple(sum(speaker == number for _, speaker in items) for number in range(len(counts)))
    if found != counts or any(frames.shape[1] != COEFFICIENTS for frames, _ in items):
        raise RequestError(
            f"{path}: not the published file: it has {found} utterances of the speakers, not {counts} of"
            f" {COEFFICIENTS} coefficients; put that in its place"
        )
    return items


def from_ts(text: str) -> list[tuple[np.ndarray, int]]:
    """The format of the UEA archive: a line for each item, its channels and at last its class parted by colons."""
    items = []
    for line in text.partition("@data")[2].split():
        *channels, speaker = line.split(":")
        frames = np.array([[float(value) for value in channel.split(",")] for channel in channels]).T
        items.append((frames, SPEAKERS.index(speaker)))
    return items


def from_uci(text: str, counts: tuple[int, ...]) -> list[tuple[np.ndarray, int]]:
    """The format of the UCI repository: a line for each frame, an empty one behind each item, sorted by speaker."""
    blocks = [block for block in "\n".join(line.strip() for line in text.splitlines()).split("\n\n") if block.strip()]
    if len(blocks) != sum(counts):
        raise ValueError(f"{len(blocks)} utterances, not {sum(counts)}")
    speakers = np.repeat(np.arange(len(counts)), counts)
    frames = (np.array([line.split() for line in block.strip().splitlines()], dtype=np.float64) for block in blocks)
    return [(item, int(speaker)) for item, speaker in zip(frames, speakers, strict=True)]
