"""Pairs out of files: arrays, vocabularies, further targets; and the two sets that are such."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from rnnlab.data import translation
from rnnlab.data.contents import Sequences
from rnnlab.data.g2p import G2P, pronunciations
from rnnlab.data.pairs import UNKNOWN, Item, Pairs
from rnnlab.data.translation import Translation, text_of
from rnnlab.errors import RequestError

ITEMS = {
    "train": [Item(("a", "b"), (("X",),)), Item(("b",), (("Y", "X"),)), Item(("a",), (("X",),))],
    "val": [Item(("b", "a", "b"), (("Y",), ("X", "Y", "X")))],
    "test": [Item(("a", "a"), (("Y",),))],
}


class Few(Pairs):
    """Five pairs."""

    unit = "letter"
    licence = source = "made up"

    def stamp(self) -> str:
        return "0" * 16

    def items(self) -> Mapping[str, Sequence[Item]]:
        return ITEMS


def test_arrays_hold_what_the_items_say(cache: Path) -> None:
    dataset = Few(Few.Config(name="few"))
    spec = dataset.prepare()
    assert spec.symbols == ("a", "b") and spec.target_symbols == ("", "X", "Y") and spec.classes == 3
    assert (spec.max_length, spec.target_length, spec.sizes) == (3, 4, {"train": 3, "val": 1, "test": 1})
    train, val, test = (dataset.split(name) for name in ("train", "val", "test"))
    assert train.inputs.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]] and train.lengths.tolist() == [2, 1, 1]
    assert train.labels.tolist() == [[1, 0, -1, -1], [2, 1, 0, -1], [1, 0, -1, -1]]
    assert val.labels.tolist() == [[2, 0, -1, -1]] and val.alternatives.tolist() == [[[1, 2, 1, 0]]]
    assert train.alternatives is None and test.alternatives is None
    assert Few(Few.Config(name="few")).prepare() == spec


def test_pronunciations_of_a_word_stand_together(tmp_path: Path) -> None:
    file = tmp_path / "words"
    file.write_text("A  AH\nA  EY\nAB  AE B\n\nA  AH\n")
    assert pronunciations(file) == {"A": [("AH",), ("EY",)], "AB": [("AE", "B")]}
    file.write_text("A  AH\nALONE\n")
    with pytest.raises(RequestError, match=r"line 2, 'ALONE', is not a word and its phones$"):
        pronunciations(file)


@pytest.mark.slow
@pytest.mark.usefixtures("raw_data")
def test_the_dictionary_is_split_as_published(shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(shared_cache))
    dataset = G2P(G2P.Config(name="g2p"))
    spec = dataset.prepare()
    assert spec.sizes["test"] == 11_994 and spec.sizes["val"] == 5_447 and len(spec.target_symbols) == 40
    words = [{row[:n].tobytes() for row, n in zip(p.inputs, p.lengths, strict=True)}
             for p in map(dataset.split, ("train", "val", "test"))]  # fmt: skip
    assert not words[0] & words[1] and not words[0] & words[2] and not words[1] & words[2]
    test = dataset.split("test")
    assert isinstance(test, Sequences) and test.alternatives is not None
    published = {line for line in dataset.paths[2].read_text().splitlines() if line}
    assert len(test.labels) + int((test.alternatives[:, :, 0] >= 0).sum()) == len(published) == 12_828


def archive(path: Path, text: bytes, member: str = "fra.txt") -> Path:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("../outside.txt", b"never unpacked")
        file.writestr(member, text)
    path.write_bytes(buffer.getvalue())
    return path


def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, **settings: object) -> Translation:
    from dataclasses import replace

    path = archive(tmp_path / "fra-eng.zip", text.encode())
    data = tmp_path / "data" / "fra-eng"
    data.mkdir(parents=True)
    (data / "fra-eng.zip").write_bytes(path.read_bytes())
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(translation, "ARCHIVE", replace(translation.ARCHIVE, sha256=None))
    return Translation(Translation.Config(name="translation", **settings))  # type: ignore[arg-type]


def test_sentences_are_split_by_their_english_side(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [f"Word{n} here.\tMot{n} ici.\tmore\nWord{n} here.\tIci mot{n} !\tmore" for n in range(40)]
    lines.append("One two three four five six seven eight nine.\tTrop long.")
    dataset = made(tmp_path, monkeypatch, "\n".join(lines), held_out=5, longest=6, vocabulary=12)
    spec = dataset.prepare()
    assert spec.sizes == {"train": 60, "val": 5, "test": 5}
    assert spec.vocabulary == len(spec.target_symbols) - 1 == 12 and UNKNOWN in spec.symbols
    test = dataset.split("test")
    assert test.alternatives.shape[1] == 1 and (test.alternatives[:, :, 0] >= 0).all()
    assert (tmp_path / "outside.txt").exists() is False


def test_words_and_signs_join_to_the_text_they_came_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = Translation(Translation.Config(name="translation", lowercase=False))
    for text in ("J'ai vu l'eau, hier !", "Don't go.", "À quel point ?", "« Oui », dit-il."):
        assert dataset.written_as(dataset.read_as(text)) == text
    assert dataset.read_as("J'ai vu l'eau.") == [" J'", "ai", " vu", " l'", "eau", "."]
    assert Translation(Translation.Config(name="translation")).read_as("He\u202f IS") == [" he", " is"]


def test_what_is_no_archive_of_sentences_is_refused(tmp_path: Path) -> None:
    other = archive(tmp_path / "other.zip", b"x", member="deu.txt")
    with pytest.raises(RequestError, match=r"other.zip: fra.txt cannot be read from it"):
        text_of(other)
    (tmp_path / "none.zip").write_bytes(b"no archive")
    with pytest.raises(RequestError, match=r"none.zip: fra.txt cannot be read from it"):
        text_of(tmp_path / "none.zip")
    with pytest.raises(RequestError, match=r"byte 0 of fra.txt is not UTF-8$"):
        text_of(archive(tmp_path / "latin.zip", b"\xff"))


def test_a_text_that_would_fill_the_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(translation, "LARGEST", 10)
    with pytest.raises(RequestError, match=r"fra.txt is larger than 10 bytes"):
        text_of(archive(tmp_path / "large.zip", b"0" * 11))


@pytest.mark.slow
@pytest.mark.usefixtures("raw_data")
def test_the_published_sentences(shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(shared_cache))
    dataset = Translation(Translation.Config(name="translation"))
    spec = dataset.prepare()
    assert spec.sizes["val"] == spec.sizes["test"] == 2000 and spec.sizes["train"] > 100_000
    assert spec.vocabulary == 8000 and spec.max_length == 12
    sources = [{tuple(row) for row in dataset.split(name).inputs.tolist()} for name in ("val", "test")]
    assert np.all([len(part) > 1500 for part in sources])
