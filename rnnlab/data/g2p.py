"""g2p: how English words are spoken, out of how they are written; the CMU pronouncing dictionary."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.config.schema import aside
from rnnlab.data import prepared, symbols
from rnnlab.data.pairs import Item, Pairs
from rnnlab.data.raw import RawFile
from rnnlab.errors import RequestError

RECIPE = 1  # raise it when the same files shall give other arrays
FOLDER = "cmudict_g2p"
MIRROR = "https://raw.githubusercontent.com/microsoft/CNTK/master/Examples/SequenceToSequence/CMUDict/Data"
TRAIN = RawFile(
    FOLDER,
    "cmudict-0.7b.train",
    "7f8789a979b1fed9c36b6c5448f162ce3e458f50f4e0c2d68e50a4f172fb0b2b",
    f"{MIRROR}/cmudict-0.7b.train",
)
VAL = RawFile(
    FOLDER,
    "cmudict-0.7b.train-dev-1-21",
    "e34b2791d6258be82b9172138f57fb60aafb99c5a7ddb68fe2905a0ef898bd44",
    f"{MIRROR}/cmudict-0.7b.train-dev-1-21",
)
TEST = RawFile(
    FOLDER,
    "cmudict-0.7b.test",
    "ece787fd3d88c7b130d43e7c2307ac11e6dfb4c052d661c37808ec7ed1df8574",
    f"{MIRROR}/cmudict-0.7b.test",
)


class G2P(Pairs):
    """CMUdict 0.7b without stress, 39 phones, split as CNTK's example has it.

        read       A B A T I N G
        written    AH B EY T IH NG .

    In val and test each word is one item, and each of its pronunciations is right (as the literature counts word
    errors). A word of val is in train with none of its pronunciations.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Pairs.Config):
        """val_rows: some thousand short words want many side by side."""

        batch_size: int = 128
        val_rows: int = aside(500)

    licence = "BSD-like, of CMUdict (see the source)"
    source = TRAIN.url
    unit = "letter"

    @classmethod
    def place(cls) -> Path | None:
        return TEST.lying() and VAL.lying() and TRAIN.lying()

    def stamp(self) -> str:
        """See ``Pairs.stamp``. The files are looked for, and downloaded where need be."""
        self.paths = [file.obtain(self.progress, self.say) for file in (TRAIN, VAL, TEST)]
        return prepared.stamp(self.paths, RECIPE)

    def items(self) -> Mapping[str, Sequence[Item]]:
        """See ``Pairs.items``. What the file of train has of words of val counts as right there."""
        train, val, test = (pronunciations(path) for path in self.paths)
        apart = {word: spoken for word, spoken in train.items() if word not in val}
        return {
            "train": [Item(tuple(word), (one,)) for word, spoken in apart.items() for one in spoken],
            "val": [Item(tuple(word), tuple(dict.fromkeys([*val[word], *train.get(word, [])]))) for word in val],
            "test": [Item(tuple(word), tuple(spoken)) for word, spoken in test.items()],
        }

    def read_as(self, text: str) -> list[str]:
        """See ``Dataset.read_as``: the dictionary has capitals only."""
        return list(text.upper())

    def written_as(self, symbols: Sequence[str]) -> str:
        """See ``Dataset.written_as``: phones, a blank between them."""
        return " ".join(symbols)


def pronunciations(path: Path) -> dict[str, list[tuple[str, ...]]]:
    """The phones of each word, out of lines ``WORD  PH ON ES``. Raises RequestError for a line of another form."""
    found: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for number, line in enumerate(symbols.read(path).decode("utf-8", "replace").splitlines(), start=1):
        if not line.strip():
            continue
        word, *phones = line.split()
        if not phones:
            raise RequestError(f"{path}: line {number}, {line!r}, is not a word and its phones")
        if tuple(phones) not in found[word]:
            found[word].append(tuple(phones))
    return dict(found)
