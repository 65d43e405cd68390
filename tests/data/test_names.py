"""Names of two made-up languages, as folder and as archive; and the published ones."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from rnnlab.data.names import Names
from rnnlab.data.spec import SPLITS
from rnnlab.data.text_items import texts_of
from rnnlab.errors import RequestError

LANGUAGES = {
    "Short": [f"a{letter}" for letter in "bcdefghijklmnopqrst"],
    "Long": [f"zzzz{letter}o" for letter in "bcdefghijklmnopqrst"],
}


@pytest.fixture
def own(tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RNNLAB_DATA", str(tmp_path / "own"))
    folder = tmp_path / "own" / "names"
    folder.mkdir(parents=True)
    return folder


def names(split: int = 0) -> Names:
    return Names(Names.Config(name="names", split=split))


def test_folder_and_archive_give_the_same(own: Path) -> None:
    texts = {language: "\n".join([*found, found[0], ""]) for language, found in LANGUAGES.items()}
    (own / "by_nationality").mkdir()
    for language, text in texts.items():
        (own / "by_nationality" / f"{language}.txt").write_text(text, encoding="utf-8")
    from_folder = names().prepare()
    for language in texts:
        (own / "by_nationality" / f"{language}.txt").unlink()
    (own / "by_nationality").rmdir()
    with zipfile.ZipFile(own / "data.zip", "w") as archive:
        for language, text in texts.items():
            archive.writestr(f"data/names/{language}.txt", text)
        archive.writestr("data/eng-fra.txt", "Go.\tVa !\n")
    assert names().prepare() == from_folder
    assert from_folder.labels == ("Long", "Short") and sum(from_folder.sizes.values()) == 38


def test_another_split_has_the_same_names_in_other_parts(own: Path) -> None:
    (own / "by_nationality").mkdir()
    for language, found in LANGUAGES.items():
        (own / "by_nationality" / f"{language}.txt").write_text("\n".join(found), encoding="utf-8")
    shown = []
    for split in (0, 1, 0):
        dataset = names(split)
        spec = dataset.prepare()
        shown.append((spec.sizes, set(texts_of(dataset.split("train"), spec.symbols))))
    first, other, again = shown
    assert first == again and first[0] == other[0] and first[1] != other[1]
    with pytest.raises(RequestError, match=r"data.split = -1: it must be at least 0"):
        names(-1)


def test_a_broken_archive_is_refused(own: Path) -> None:
    (own / "data.zip").write_bytes(b"PK nothing")
    with pytest.raises(RequestError, match=r"data.zip: cannot be unpacked"):
        names().prepare()


def test_the_regression_beside_it(own: Path) -> None:
    """Where the first letter tells all, n-grams do; the second time it is read from the cache."""
    (own / "by_nationality").mkdir()
    for language, found in LANGUAGES.items():
        (own / "by_nationality" / f"{language}.txt").write_text("\n".join(found), encoding="utf-8")
    dataset = names()
    dataset.prepare()
    lines: list[str] = []
    dataset.say = lines.append
    figures = dataset.rivals()
    parts = [f"ngram_regression/{split}/{figure}" for split in ("val", "test") for figure in ("accuracy", "macro_f1")]
    assert figures == dict.fromkeys(parts, 1.0)
    assert dataset.rivals() == figures and len(lines) == 1


def test_the_published_names(raw_data: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(shared_cache))
    folder = Names.place()
    if folder is None or not folder.is_dir():
        pytest.skip("data=names is not on this machine")
    dataset = names()
    spec = dataset.prepare()
    parts = {name: dataset.split(name) for name in SPLITS}
    shown = {name: list(zip(texts_of(part, spec.symbols), part.labels, strict=True)) for name, part in parts.items()}
    seen = [{text for text, _ in pairs if "\ufffd" not in text} for pairs in shown.values()]
    assert sum(map(len, seen)) == len(set().union(*seen)), "a name stands in two parts"
    for label, language in enumerate(spec.labels):
        published = {line.strip() for line in (folder / f"{language}.txt").read_text(encoding="utf-8").splitlines()}
        counts = [int(np.sum(part.labels == label)) for part in parts.values()]
        assert sum(counts) == len(published - {""}) and min(counts) >= 8
        own_names = {text for pairs in shown.values() for text, number in pairs if number == label}
        assert {text for text in own_names if "\ufffd" not in text} <= published
