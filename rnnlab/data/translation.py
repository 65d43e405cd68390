"""translation: short English sentences, to be written in French."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rnnlab.config.schema import aside, require
from rnnlab.data import prepared
from rnnlab.data.pairs import UNKNOWN, Item, Pairs
from rnnlab.data.raw import RawFile
from rnnlab.data.spec import SPLITS
from rnnlab.errors import RequestError

RECIPE = 1  # raise it when the same file shall give other arrays
ARCHIVE = RawFile(
    folder="fra-eng",
    file="fra-eng.zip",
    sha256="16c4f7d0df9e7c5e6c54cdb0447f3f4a18a55052ff5e2e0b27dd4a06c0e49d04",
    url="https://www.manythings.org/anki/fra-eng.zip",
)
MEMBER = "fra.txt"
LARGEST = 100_000_000
"""Bytes that the text may have unpacked: ten times what it had when it was published."""
PIECE = re.compile(r" ?\w+['’]?| ?[^\w\s]")
"""A word or a sign with the blank before it; an apostrophe ends a word, as in " l'" + "eau"."""
SPLIT_SEED = 0


class Translation(Pairs):
    """Sentences of Tatoeba, as manythings.org publishes them for learners, word by word.

        read       " he" " is" " a" " teacher" "."
        written    " il" " est" " professeur" "." END

    An English sentence stands in one split alone, whatever its translations; in val and test any of them is right.
    Words that are rarer than the ``vocabulary`` commonest ones of train are one symbol, the unknown.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Pairs.Config):
        """longest: words and signs of a sentence on either side; longer ones are left out.

        vocabulary: symbols of either language. lowercase: capitals are made small, on both sides.
        held_out: English sentences of val, and of test.
        """

        batch_size: int = 64
        val_rows: int = aside(250)
        longest: int = 12
        vocabulary: int = 8000
        lowercase: bool = True
        held_out: int = 2000

        def __post_init__(self) -> None:
            Pairs.Config.__post_init__(self)
            require(self.longest >= 2, "data.longest", self.longest, "it must be at least 2")
            require(self.vocabulary >= 2, "data.vocabulary", self.vocabulary, "it must be at least 2")
            require(self.held_out >= 1, "data.held_out", self.held_out, "it must be at least 1")

    licence = "CC BY 2.0, Tatoeba (see the source)"
    source = ARCHIVE.url
    unit = "word"
    config: Config

    @classmethod
    def place(cls) -> Path | None:
        return ARCHIVE.lying()

    def stamp(self) -> str:
        """See ``Pairs.stamp``."""
        self.archive = ARCHIVE.obtain(self.progress, self.say)
        c = self.config
        return prepared.stamp([self.archive], RECIPE, c.longest, c.vocabulary, c.lowercase, c.held_out)

    def items(self) -> Mapping[str, Sequence[Item]]:
        """See ``Pairs.items``: English sentences in a fixed random order, the first for test, the next for val."""
        translations: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
        for number, line in enumerate(text_of(self.archive).splitlines(), start=1):
            sides = line.split("\t")
            if len(sides) < 2:
                raise RequestError(f"{self.archive}: line {number} of {MEMBER} has no translation, {line[:40]!r}")
            english, french = (tuple(self.read_as(side)) for side in sides[:2])
            if english and french and max(len(english), len(french)) <= self.config.longest:
                translations.setdefault(english, []).append(french)
        everything = [Item(english, tuple(dict.fromkeys(french))) for english, french in translations.items()]
        held_out = self.config.held_out
        if len(everything) <= 2 * held_out:
            raise RequestError(
                f"data.held_out = {held_out}: {len(everything)} sentences are not longer than data.longest ="
                f" {self.config.longest}, and some must be left to train on"
            )
        order = np.random.default_rng(SPLIT_SEED).permutation(len(everything))
        test, val, train = np.split(order, [held_out, 2 * held_out])
        parts = dict(zip(SPLITS, (train, val, test), strict=True))
        found = {name: [everything[place] for place in sorted(places)] for name, places in parts.items()}
        one_each = [Item(item.source, (target,)) for item in found["train"] for target in item.targets]
        return found | {"train": one_each}

    def kept(self, counts: Counter[str]) -> list[str]:
        """See ``Pairs.kept``: the commonest, and of equally common ones the first in the alphabet."""
        ranked = sorted(counts, key=lambda symbol: (-counts[symbol], symbol))
        return [UNKNOWN, *ranked[: self.config.vocabulary - 1]]

    def read_as(self, text: str) -> list[str]:
        """See ``Dataset.read_as``: words and signs, each with the blank before it."""
        plain = " " + " ".join(text.split())
        return PIECE.findall(plain.lower() if self.config.lowercase else plain)

    def written_as(self, symbols: Sequence[str]) -> str:
        """See ``Dataset.written_as``: the blanks are there already."""
        return "".join(symbols).strip()


def text_of(archive: Path) -> str:
    """The one known member of the archive, whatever else is in it; nothing is unpacked onto the disk.

    Raises RequestError where it is not there, larger than can be right, damaged, or not UTF-8.
    """
    try:
        with zipfile.ZipFile(archive) as container, container.open(MEMBER) as file:
            raw = file.read(LARGEST + 1)
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError) as error:
        raise RequestError(f"{archive}: {MEMBER} cannot be read from it ({error})") from error
    if len(raw) > LARGEST:
        raise RequestError(f"{archive}: {MEMBER} is larger than {LARGEST:,} bytes, so this is not the published text")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RequestError(f"{archive}: byte {error.start} of {MEMBER} is not UTF-8") from error
