"""The files that other programs read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rnnlab.errors import RequestError
from rnnlab.inside.vectors.files import plain_name, refuse_absent_folder, word2vec_text, write_projector
from rnnlab.inside.vectors.table import WordVectors

VECTORS = WordVectors(("\n", "king", "a\tb"), np.random.default_rng(0).normal(size=(3, 4)))


def test_the_text_format() -> None:
    head, *lines = word2vec_text(VECTORS).splitlines()
    assert head == "3 4"
    names, numbers = zip(*((line.split(" ")[0], line.split(" ")[1:]) for line in lines), strict=True)
    assert names == ("</s>", "king", "a<U+0009>b")
    assert np.array_equal(np.array(numbers, dtype=np.float32), VECTORS.vectors_VD)


def test_files_of_the_projector(tmp_path: Path) -> None:
    files = write_projector(VECTORS, tmp_path / "new")
    assert [file.name for file in files] == ["vectors.tsv", "metadata.tsv"]
    assert np.array_equal(np.loadtxt(files[0], dtype=np.float32, delimiter="\t"), VECTORS.vectors_VD)
    assert files[1].read_text().splitlines() == ["</s>", "king", "a<U+0009>b"]
    assert write_projector(VECTORS, tmp_path / "new") == files, "the same folder again"


def test_names_are_one_field() -> None:
    assert [plain_name(word) for word in (" ", "\u2028", "x", "")] == ["<U+0020>", "<U+2028>", "x", "</s>"]


def test_places_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(RequestError, match="--export .*: there is no folder"):
        refuse_absent_folder(tmp_path / "absent" / "vectors.txt", "--export")
    refuse_absent_folder(tmp_path / "vectors.txt", "--export")
    (tmp_path / "file").touch()
    with pytest.raises(RequestError, match="--projector .*: cannot be made"):
        write_projector(VECTORS, tmp_path / "file")
