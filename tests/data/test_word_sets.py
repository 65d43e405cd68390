"""Files of questions and of similarities, public ones and one's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.data.word_sets import PUBLIC, Question, Similarity, obtain, read_questions, read_similarities
from rnnlab.errors import RequestError


def nothing(*arguments: object) -> None:
    return None


def test_public_sets(raw_data: Path) -> None:
    if not (raw_data / "word2vec").is_dir():
        pytest.skip("RNNLAB_DATA has no word2vec")
    sections = read_questions(obtain("questions-words.txt", "--questions", nothing, nothing))
    assert len(sections) == 14 and sum(map(len, sections.values())) == 19_544
    assert sections["family"][0] == Question("boy", "girl", "brother", "sister")
    sizes = {"wordsim353.tsv": 353, "simlex999.txt": 999}
    for name, size in sizes.items():
        assert len(read_similarities(obtain(name, "--similarity", nothing, nothing))) == size
    assert set(sizes) < set(PUBLIC)


def test_files_of_ones_own(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a b c d\n\n: mine\nE f g h\n")
    assert read_questions(tmp_path / "a.txt") == {"": [Question(*"abcd")], "mine": [Question(*"Efgh")]}
    (tmp_path / "b.csv").write_text("Word 1,Word 2,Human (mean)\nlove, sex ,6.77\ntiger,cat,7.35,more\n")
    assert read_similarities(tmp_path / "b.csv") == [Similarity("love", "sex", 6.77), Similarity("tiger", "cat", 7.35)]


@pytest.mark.parametrize(
    ("read", "content", "line"),
    [
        (read_questions, ": s\na b c\n", "line 2: 'a b c' has 3 words; a question has four"),
        (read_questions, ": s\n", "there is no question in this file"),
        (read_similarities, "a\tb\t1\na\tb\tmuch\n", "line 2: 'much' is not a number"),
        (read_similarities, "a b 1\n", "line 1: 'a b 1' is not two words and a number"),
        (read_similarities, "# remark\n", "there is no pair of words in this file"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, read: object, content: str, line: str) -> None:
    (tmp_path / "a.txt").write_text(content)
    with pytest.raises(RequestError, match=f"a.txt: {line}"):
        read(tmp_path / "a.txt")  # type: ignore[operator]


def test_no_such_file() -> None:
    with pytest.raises(
        RequestError, match=r"--questions question-words.txt: .* \(did you mean 'questions-words.txt'\?"
    ):
        obtain("question-words.txt", "--questions", nothing, nothing)
