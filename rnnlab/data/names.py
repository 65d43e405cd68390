"""names: family names of 18 languages; which language is one from?"""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from rnnlab.config.schema import aside, late, require
from rnnlab.data import prepared
from rnnlab.data.items import Contents, Items
from rnnlab.data.ngram_regression import ngram_regression
from rnnlab.data.places import raw_candidates
from rnnlab.data.raw import RawFile
from rnnlab.data.text_items import text_contents
from rnnlab.errors import RequestError

RECIPE = 2  # raise it when the same files shall give other arrays
FOLDER, LANGUAGES = "names", "by_nationality"
ARCHIVE = RawFile(FOLDER, "data.zip", None, "https://download.pytorch.org/tutorial/data.zip")


class Names(Items):
    """20,050 family names, a file for each of 18 languages and a line for each name (Robertson 2017).

    A name that a file repeats is taken once; a name of several languages is in one part of the split, under each
    of them, so that nobody gets all of them right. Russian has half of all names and Vietnamese 73: look at
    ``macro_f1``, beside which stands that of a logistic regression on n-grams.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Items.Config):
        """val_rows: some thousand short names want many side by side. split: which of the random splits, from 0."""

        val_rows: int = aside(250)
        split: int = late(0)

        def __post_init__(self) -> None:
            Items.Config.__post_init__(self)
            require(self.split >= 0, "data.split", self.split, "it must be at least 0")

    config: Config

    licence = "MIT (the collection; see the source)"
    source = ARCHIVE.url

    @classmethod
    def place(cls) -> Path | None:
        return next((folder for folder in raw_candidates(FOLDER, LANGUAGES) if folder.is_dir()), ARCHIVE.lying())

    def stamp(self) -> str:
        """See ``Items.stamp``. The folder or the archive is looked for, and the archive downloaded where need be."""
        self.raw = self.place() or ARCHIVE.obtain(self.progress, self.say)
        files = sorted(self.raw.glob("*.txt")) if self.raw.is_dir() else [self.raw]
        return prepared.stamp(files, RECIPE, self.config.split)

    def contents(self) -> Contents:
        """See ``Items.contents``."""
        found = [(name, language) for language, text in self.files() for name in lines(text)]
        if not found:
            raise RequestError(f"{self.raw}: it has no names; there should be a .txt file for each language in it")
        texts, labels = zip(*found, strict=True)
        return text_contents(texts, labels, self.config.split, str(self.raw))

    def files(self) -> list[tuple[str, str]]:
        """(language, its names) for each file, sorted. Nothing of the archive is written to the disk."""
        if self.raw.is_dir():
            return [(file.stem, file.read_text(encoding="utf-8")) for file in sorted(self.raw.glob("*.txt"))]
        try:
            with zipfile.ZipFile(self.raw) as archive:
                paths = [PurePosixPath(name) for name in sorted(archive.namelist())]
                chosen = [path for path in paths if path.match("data/names/*.txt")]
                return [(path.stem, archive.read(str(path)).decode("utf-8")) for path in chosen]
        except zipfile.BadZipFile as error:
            raise RequestError(
                f"{self.raw}: cannot be unpacked ({error}); remove it, and it is downloaded again"
            ) from error

    def rivals(self) -> dict[str, float]:
        """See ``Dataset.rivals``."""
        return ngram_regression(self, self.prepare())


def lines(text: str) -> list[str]:
    """The names of a file, each accent joined with its letter."""
    return [unicodedata.normalize("NFC", line.strip()) for line in text.splitlines() if line.strip()]
