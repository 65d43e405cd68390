"""Public questions about words: which words answer an analogy, and how similar people find two.

A file of one's own is read alike. Questions have four words a line, under lines of ``: section``; similarities a
first word, a second word and a number, with tabs or commas between them and ``#`` before a remark.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from rnnlab.data.download import Progress, Say
from rnnlab.data.raw import RawFile
from rnnlab.data.symbols import texts_of
from rnnlab.errors import RequestError, did_you_mean

WORD2VEC = "https://raw.githubusercontent.com/tmikolov/word2vec/master"
GENSIM = "https://raw.githubusercontent.com/piskvorky/gensim/develop/gensim/test/test_data"
PUBLIC = {
    file: RawFile(folder="word2vec", file=file, sha256=sha256, url=f"{source}/{file}")
    for file, sha256, source in (
        ("questions-words.txt", "8c29b3332afc46f3fb8be04cb5297bf96f39aa7131272dff57869b4485b22a36", WORD2VEC),
        ("questions-phrases.txt", "55cfc0894d0fe6cf974d106da3e09b5fb2fa6125b6ddc633d06e298dc5aa7901", WORD2VEC),
        ("wordsim353.tsv", "f92a022fc2537793a15bc3a8c162ebcd74990e033a228bb6388cb71e4c0b1e1d", GENSIM),
        ("simlex999.txt", "d5e0501971478a511430ee880bd0121e94ac701ba86d90544d83e6d2ba3db05d", GENSIM),
    )
}
"""Mikolov et al. 2013 (analogies), Finkelstein et al. 2002 (WordSim-353), Hill et al. 2015 (SimLex-999)."""


class Question(NamedTuple):
    """a is to b as c is to d."""

    a: str
    b: str
    c: str
    d: str


class Similarity(NamedTuple):
    """Two words, and the mean of what people said of them: the higher, the more similar."""

    first: str
    second: str
    rating: float


def obtain(given: str, option: str, progress: Progress, say: Say) -> Path:
    """The file of that path, or the public set of that name, which is downloaded where it lies nowhere yet."""
    path = Path(given).expanduser()
    if path.is_file():
        return path
    if given in PUBLIC:
        return PUBLIC[given].obtain(progress, say)
    raise RequestError(
        f"{option} {given}: no such file, and no public set; there are {', '.join(PUBLIC)}{did_you_mean(given, PUBLIC)}"
    )


def read_questions(path: Path) -> dict[str, list[Question]]:
    """The questions of each section, which is "" before the first. RequestError, with its line, for a wrong one."""
    sections: dict[str, list[Question]] = {}
    name = ""
    for number, line in numbered(path):
        if line.startswith(":"):
            name = line[1:].strip()
            continue
        words = line.split()
        if len(words) != 4:
            raise RequestError(f"{path}: line {number}: {line!r} has {len(words)} words; a question has four")
        sections.setdefault(name, []).append(Question(*words))
    if not sections:
        raise RequestError(f"{path}: there is no question in this file")
    return sections


def read_similarities(path: Path) -> list[Similarity]:
    """The pairs of a file. RequestError, with its line, for what is no pair."""
    pairs = []
    for number, line in numbered(path):
        fields = [field.strip() for field in line.split("\t" if "\t" in line else ",")]
        if len(fields) < 3:
            raise RequestError(f"{path}: line {number}: {line!r} is not two words and a number")
        try:
            pairs.append(Similarity(fields[0], fields[1], float(fields[2])))
        except ValueError:
            if pairs:  # only the first line may be a header
                raise RequestError(f"{path}: line {number}: {fields[2]!r} is not a number") from None
    if not pairs:
        raise RequestError(f"{path}: there is no pair of words in this file")
    return pairs


def numbered(path: Path) -> list[tuple[int, str]]:
    """The lines of a file that say something, with their numbers from 1."""
    lines = enumerate("".join(texts_of(path)).splitlines(), start=1)
    return [(number, line.strip()) for number, line in lines if line.strip() and not line.startswith("#")]
