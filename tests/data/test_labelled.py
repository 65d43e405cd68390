"""A CSV file, a folder of folders, a folder of lists; and what is refused of them, in one line each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnlab.data.labelled import Labelled
from rnnlab.data.spec import SPLITS, DataSpec
from rnnlab.data.text_items import END, texts_of
from rnnlab.errors import RequestError


def prepared(path: Path, **settings: object) -> tuple[Labelled, DataSpec]:
    dataset = Labelled(Labelled.Config(name="labelled", path=str(path), **settings))
    return dataset, dataset.prepare()


def pairs(dataset: Labelled, spec: DataSpec) -> set[tuple[str, str]]:
    """(text, class) of all items."""
    parts = [dataset.split(name) for name in SPLITS]
    return {
        (text, spec.labels[label])
        for part in parts
        for text, label in zip(texts_of(part, spec.symbols), part.labels, strict=True)
    }


ITEMS = {(f"{kind} day {n}", kind) for n in range(12) for kind in ("warm", "cold")}


def test_texts_of_a_csv_file(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    rows = [f'{number},"{text}",{kind}' for number, (text, kind) in enumerate(sorted(ITEMS))]
    file.write_text("\n".join(["id,words,mood", *rows, ""]), encoding="utf-8")
    dataset, spec = prepared(file, label="mood", text="words")
    assert (spec.shape, spec.labels, spec.unit) == ("sequences", ("cold", "warm"), "character")
    assert spec.sizes == {"train": 16, "val": 4, "test": 4} and spec.label_counts == (8, 8)
    shown = {"".join(c if c in spec.symbols else "\ufffd" for c in text) for text, _ in ITEMS}
    assert {text for text, _ in pairs(dataset, spec)} == shown
    assert spec.symbols[0] == "" and spec.symbols[1] == END
    assert set(spec.symbols[2:]) <= set("warm cold day 0123456789")


def test_numbers_of_a_csv_file_are_steps(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "beats.csv"
    generator = np.random.default_rng(0)
    rows = [generator.normal(3, 2, generator.integers(2, 5)).round(3).tolist() for _ in range(20)]
    lines = [",".join(["ab"[n % 2], *map(str, row), *[""] * (4 - len(row))]) for n, row in enumerate(rows)]
    file.write_text("\n".join(["label,a,b,c,d", *lines]), encoding="utf-8")
    dataset, spec = prepared(file)
    assert (spec.symbols, spec.input_size, spec.max_length) == ((), 1, 4)
    parts = {name: dataset.split(name) for name in SPLITS}
    train = parts["train"]
    known = np.concatenate([row[:n] for row, n in zip(train.inputs[:, :, 0], train.lengths, strict=True)])
    assert known.mean() == pytest.approx(0, abs=1e-6) and known.std() == pytest.approx(1, abs=1e-6)
    found = [
        (spec.labels[label], row[:length])
        for part in parts.values()
        for row, length, label in zip(part.inputs[:, :, 0], part.lengths, part.labels, strict=True)
    ]
    # Standardised by one line for all: the same order and the same ratios of differences as in the file.
    scale = np.polyfit(
        np.sort(np.concatenate([row for _, row in found])), np.sort(np.concatenate([np.array(r) for r in rows])), 1
    )
    given = sorted((row[0], "ab"[n % 2], row) for n, row in enumerate(rows))
    back = sorted((row[0], label, row) for label, row in found)
    for (_, label, row), (_, own, read) in zip(given, back, strict=True):
        assert label == own and len(row) == len(read)
        np.testing.assert_allclose(scale[0] * read + scale[1], row, atol=1e-4)


@pytest.mark.parametrize("lists", [False, True])
def test_texts_of_a_folder(lists: bool, cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "days"
    for kind in ("warm", "cold"):
        texts = sorted(text for text, own in ITEMS if own == kind)
        (folder / kind).mkdir(parents=True) if not lists else folder.mkdir(exist_ok=True)
        if lists:
            (folder / f"{kind}.txt").write_text("\n".join([*texts, "", texts[0]]), encoding="utf-8")
        for number, text in enumerate(texts if not lists else []):
            (folder / kind / f"{number}.txt").write_text(f"{text}\n", encoding="utf-8")
    dataset, spec = prepared(folder)
    assert spec.labels == ("cold", "warm") and sum(spec.sizes.values()) == len(ITEMS)
    assert {label for _, label in pairs(dataset, spec)} == {"warm", "cold"}
    assert all(text.startswith(label) for text, label in pairs(dataset, spec))


def test_long_texts_are_cut(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text("\n".join(["label,text", *(f"{'ab'[n % 2]},{chr(97 + n) * 50}" for n in range(10))]))
    _, spec = prepared(file, most=7)
    assert spec.max_length == 7 + len(END)


def test_letters_that_train_hardly_has_are_one_symbol(cache: Path, tmp_path: Path) -> None:
    file = tmp_path / "rare.csv"
    file.write_text("\n".join(["label,text", *(f"{'ab'[n % 2]},xy{chr(0x4E00 + n)}" for n in range(12))]))
    dataset, spec = prepared(file)
    assert spec.symbols == ("", END, "x", "y")
    assert all((part.inputs[:, 2] == 0).all() for part in map(dataset.split, SPLITS))


CLASSES = "label,text\n" + "".join(f"{'ab'[n % 2]},text {n}\n" for n in range(8))
REFUSED = {
    "no label": ("kind,text\na,b\n", {}, r"data.label = 'label': .*no such column; there are kind, text"),
    "nearly": ("Label,text\na,b\n", {}, r"did you mean 'Label'"),
    "no text column": (CLASSES, {"text": "words"}, r"data.text = 'words': .* no such column; there are label, text"),
    "empty": ("", {}, r"file.csv: the file is empty; it needs a line of names"),
    "names alone": ("label,text\n", {}, r"there is no row below the names of the columns"),
    "few": (CLASSES + "c,lonely\n", {}, r"class 'c' has 1 different item of its own; each class needs at least 3"),
    "one class": ("label,text\na,x\na,y\na,z\n", {}, r"all items are of class 'a'; at least 2 classes"),
    "one column": ("label\na\nb\n", {}, r"it has the column 'label' alone"),
    "ragged": ("label,text\na,x,y\n", {}, r"line 2 has 3 cells, the first line 2"),
    "no class": ("label,text\n,x\n", {}, r"line 2 has no class in its column 'label'"),
    "no text": ("label,text\na,\nb,x\n", {}, r"line 2 has no text in its column 'text'"),
    "no number": ("label,a,b\nx,1,2\ny,1,two\n", {}, r"line 3: 'two' in column 'b' is not a finite number"),
    "a hole": ("label,a,b\nx,1,2\ny,,2\n", {}, r"line 3: '' in column 'a' is not a finite number"),
    "no numbers": ("label,a,b\nx,1,2\ny,,\n", {}, r"line 3 has no number"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case: str, cache: Path, tmp_path: Path) -> None:
    content, settings, line = REFUSED[case]
    file = tmp_path / "file.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RequestError, match=line) as refusal:
        prepared(file, **settings)
    assert "\n" not in str(refusal.value)


def test_refused_paths(cache: Path, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    with pytest.raises(RequestError, match=r"data=labelled needs a CSV file or a folder"):
        Labelled(Labelled.Config(name="labelled")).prepare()
    with pytest.raises(RequestError, match=r"no such file or folder"):
        prepared(folder / "nothing.csv")
    with pytest.raises(RequestError, match=r"it holds 0 classes; at least 2 are needed"):
        prepared(folder)
    (folder / "bad.csv").write_bytes(b"label,text\n\xff\xfe,a\n")
    with pytest.raises(RequestError, match=r"bad.csv: not UTF-8 \(byte 11\)"):
        prepared(folder / "bad.csv")
    (folder / "one").mkdir()
    (folder / "two").mkdir()
    (folder / "one" / "a.txt").write_text("   ")
    with pytest.raises(RequestError, match=r"class 'two' has no \*.txt file in its folder"):
        prepared(folder)
    (folder / "two" / "b.txt").write_text("text")
    with pytest.raises(RequestError, match=r"a.txt: the file is empty"):
        prepared(folder)
    (folder / "three.txt").write_text("text")
    with pytest.raises(RequestError, match=r"it has folders \(one, ...\) and \*.txt files \(three.txt"):
        prepared(folder)
