from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnlab.data.symbols import Unit
from rnnlab.data.text import Text
from rnnlab.errors import RequestError

pytestmark = pytest.mark.usefixtures("cache")


def text_at(path: Path, **settings: Any) -> Text:
    return Text(Text.Config(name="text", path=str(path), **settings))


def words(dataset: Text, split: str) -> str:
    """The text of a split, read back through the vocabulary."""
    symbols = dataset.prepare().symbols
    return "".join(symbols[i] for i in dataset.split(split).ids)


def refusal(path: Path, **settings: Any) -> str:
    with pytest.raises(RequestError) as caught:
        text_at(path, **settings).prepare()
    assert "\n" not in str(caught.value)
    return str(caught.value)


no_surrogates = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=400)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(content=no_surrogates)
def test_the_splits_put_together_are_the_text(tmp_path: Path, content: str) -> None:
    path = tmp_path / f"{abs(hash(content))}.txt"
    path.write_bytes(content.encode())
    dataset = text_at(path)
    spec = dataset.prepare()
    assert spec.symbols == tuple(sorted(set(content)))
    assert "".join(words(dataset, split) for split in spec.sizes) == content
    assert spec.sizes["train"] == int(len(content) * 0.9)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
@given(content=st.binary(min_size=1, max_size=300))
def test_bytes_are_their_own_ids(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / content.hex()[:40]
    path.write_bytes(content)
    dataset = text_at(path, unit=Unit.byte)
    spec = dataset.prepare()
    assert spec.vocabulary == 256 and spec.unit == "byte"
    ids = np.concatenate([dataset.split(split).ids for split in spec.sizes])
    assert ids.dtype == np.uint8 and ids.tobytes() == content


@pytest.mark.parametrize(("kinds", "dtype"), [(256, np.uint8), (257, np.uint16)])
def test_ids_take_the_smallest_type(tmp_path: Path, kinds: int, dtype: Any) -> None:
    (tmp_path / "a.txt").write_text("".join(map(chr, range(0x4E00, 0x4E00 + kinds))), encoding="utf-8")
    dataset = text_at(tmp_path / "a.txt")
    dataset.prepare()
    assert dataset.split("train").ids.dtype == dtype


def test_long_files_are_decoded_in_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A character of several bytes may lie across the border of two blocks."""
    monkeypatch.setattr("rnnlab.data.symbols.BLOCK", 5)
    (tmp_path / "a.txt").write_text("aé漢😀" * 9, encoding="utf-8")
    dataset = text_at(tmp_path / "a.txt")
    assert words(dataset, "train") + words(dataset, "val") + words(dataset, "test") == "aé漢😀" * 9


def test_each_file_of_a_folder_is_a_document(tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    (folder / "below").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "b.txt").write_text("bbb")
    (folder / "below" / "c.md").write_text("c" * 90)
    (folder / "a.txt").write_text("aaaaa")
    (folder / "empty.txt").write_text("")
    (folder / "picture.png").write_bytes(b"\x89PNG\0\0")
    (folder / ".hidden" / "d.txt").write_text("ddd")
    dataset = text_at(folder)
    assert words(dataset, "train") == "aaaaabbb" + "c" * 80
    assert dataset.split("train").documents.tolist() == [0, 5, 8]
    assert dataset.split("val").documents.tolist() == [0]
    assert text_at(folder, pattern="*.txt").prepare().symbols == ("a", "b")


def test_a_border_of_documents_may_fall_on_a_border_of_splits(tmp_path: Path) -> None:
    for name, count in (("a", 90), ("b", 5), ("c", 5)):
        (tmp_path / name).write_text(name * count)
    dataset = text_at(tmp_path, pattern="[abc]")
    dataset.prepare()
    assert [dataset.split(name).documents.tolist() for name in ("train", "val", "test")] == [[0]] * 3


def test_a_changed_file_is_prepared_again(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("first text")
    before = text_at(path).prepare()
    path.write_text("another text")
    after = text_at(path).prepare()
    assert after.fingerprint != before.fingerprint
    path.write_text("first text")
    assert text_at(path).prepare() == before


def test_equal_texts_in_two_places_have_one_fingerprint(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("the same words")
    spec = text_at(tmp_path / "a.txt").prepare()
    assert text_at(tmp_path / "b.txt").prepare() == spec
    assert text_at(tmp_path / "a.txt", unit=Unit.byte).prepare().fingerprint != spec.fingerprint


def test_no_path_given() -> None:
    with pytest.raises(RequestError, match="data.path = '': data=text needs a file or folder"):
        Text(Text.Config(name="text")).prepare()


def test_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "shakespeare.txt").write_text("to be")
    assert "did you mean 'shakespeare.txt'?" in refusal(tmp_path / "shakespear.txt")
    assert "no such file or folder" in refusal(tmp_path / "nowhere" / "a.txt")


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    assert "the file is empty" in refusal(tmp_path / "a.txt")


def test_folder_without_text(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    assert "no file of text below this folder" in refusal(tmp_path / "notes")


def test_binary_file_read_as_text(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"ELF\0\1")
    line = refusal(tmp_path / "a.bin")
    assert "byte 3 is NUL" in line and "binary" in line and "data.unit=byte" in line
    assert text_at(tmp_path / "a.bin", unit=Unit.byte).prepare().sizes["train"] == 4


@pytest.mark.parametrize("block", [4, 1 << 20])
def test_file_that_is_not_utf8(tmp_path: Path, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnlab.data.symbols.BLOCK", block)
    (tmp_path / "a.txt").write_bytes("größer".encode("latin-1"))
    line = refusal(tmp_path / "a.txt")
    assert "a.txt: byte 2 (0xf6) is not UTF-8" in line and "data.unit=byte" in line


def test_a_refused_file_leaves_nothing_prepared(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff")
    refusal(tmp_path / "a.txt")
    assert not [path for path in cache.rglob("*") if path.is_file() and path.suffix != ".lock"]
