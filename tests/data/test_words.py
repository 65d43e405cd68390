"""Text into words and back, and the vocabulary of a training part."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.baselines import baselines
from rnnlab.data.symbols import Unit
from rnnlab.data.text import Text
from rnnlab.data.words import UNKNOWN, Counted, find_word, most_frequent, places_of, whole_lines, words_of, written
from rnnlab.errors import RequestError
from rnnlab.experiment import Experiment, trial_hash

pytestmark = pytest.mark.usefixtures("cache")
OLD_HASH = "b94000e759c2c95e9eb84fa5a58e8e27cc71a274b691053fbcc39147b7476e8a"
"""The trial ``data=tinyshakespeare``, all else at its defaults, as runs stored it before there were words."""
PROSE = st.text(st.sampled_from(list("ab1é'’-_.,;!?()[]\"“”<> \n\t$%")) | st.characters(exclude_categories=["Cs"]))


def text_at(path: Path, **settings: Any) -> Text:
    return Text(Text.Config(name="text", path=str(path), unit=Unit.word, **settings))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("First Citizen:\nBefore we", ["First", "Citizen", ":", "\n", "Before", "we"]),
        ("Don't  mother-in-law’s 'tis-", ["Don't", "mother-in-law’s", "'", "tis", "-"]),
        ("(a, b)… 3.14 <unk>s", ["(", "a", ",", "b", ")", "…", "3", ".", "14", "<unk>", "s"]),
        ("größe_1\r\n\n汉字 😀", ["größe_1", "\n", "\n", "汉字", "😀"]),
        ("", []),
    ],
)
def test_what_a_word_is(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@given(PROSE)
def test_words_that_are_written_are_the_same_words_again(text: str) -> None:
    words = words_of(text)
    assert words_of("".join(written(words))) == words


@given(PROSE)
def test_nothing_but_white_space_is_lost(text: str) -> None:
    kept = "".join(word for word in words_of(text) if word != "\n")
    assert kept == "".join(text.split())


@pytest.mark.parametrize(
    "text", ["O, speak (softly): “here” I am!\nROMEO:\nAy me's; well-met.\n", "¿qué? [no] 100% sure…\n\nyes"]
)
def test_usual_text_comes_back_as_it_was(text: str) -> None:
    assert "".join(written(words_of(text))) == text


@given(st.lists(PROSE, max_size=6))
def test_blocks_that_end_with_lines_hold_the_same_words(blocks: list[str]) -> None:
    lines = list(whole_lines(blocks))
    assert "".join(lines) == "".join(blocks) and all(block.endswith("\n") for block in lines[:-1] if block)
    assert [word for block in lines for word in words_of(block)] == words_of("".join(blocks))


@given(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=60), st.integers(1, 60), st.integers(1, 8))
def test_the_vocabulary_is_what_is_frequent_in_train(text: list[str], train: int, most: int) -> None:
    kinds = [UNKNOWN, *dict.fromkeys(text)]
    numbers = np.array([kinds.index(word) for word in text], dtype=np.uint32)
    vocabulary, ids = most_frequent(Counted(kinds, numbers, [len(text)]), train, most)
    ranked = sorted(Counter(text[:train]).items(), key=lambda pair: (-pair[1], pair[0]))
    assert vocabulary == (UNKNOWN, *(word for word, _ in ranked[:most]))
    assert [vocabulary[place] for place in ids] == [word if word in vocabulary else UNKNOWN for word in text]


def test_words_of_the_data(tmp_path: Path) -> None:
    """95 words are trained on: ``late`` stands only behind them, and ``<unk>`` in the text is the unknown word."""
    (tmp_path / "a.txt").write_text("The cat and the dog <unk> on . " * 12 + "late " * 10)
    spec = text_at(tmp_path / "a.txt", vocabulary=5).prepare()
    assert spec.unit == "word" and spec.symbols == (UNKNOWN, "The", "and", "cat", "dog", "on")
    dataset = text_at(tmp_path / "a.txt", lowercase=True)
    assert dataset.prepare().symbols == (UNKNOWN, "the", "and", "cat", "dog", "on", ".")
    assert dataset.split("train").ids[:8].tolist() == [1, 3, 2, 1, 4, 0, 5, 6]
    assert not dataset.split("test").ids.any() and dataset.split("train").ids.dtype == np.uint8


def test_each_file_is_a_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one two three\n")
    (tmp_path / "b.txt").write_text("four " * 96)
    dataset = text_at(tmp_path)
    dataset.prepare()
    assert dataset.split("train").documents.tolist() == [0, 4]


def test_shuffled_splits_hold_the_same_words(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(" ".join(f"w{n % 37} w{n % 11}" for n in range(300)))
    plain, mixed, again = (text_at(tmp_path / "a.txt", **how) for how in ({}, {"shuffled": True}, {"shuffled": True}))
    specs = [dataset.prepare() for dataset in (plain, mixed, again)]
    assert specs[0].symbols == specs[1].symbols and specs[0].fingerprint != specs[1].fingerprint
    assert specs[1] == specs[2]
    for name in ("train", "val", "test"):
        ids = [dataset.split(name).ids for dataset in (plain, mixed)]
        assert sorted(ids[0]) == sorted(ids[1]) and ids[0].tolist() != ids[1].tolist()
    other = text_at(tmp_path / "a.txt", shuffled=True, shuffle_seed=1)
    assert other.prepare().fingerprint != specs[1].fingerprint


def test_characters_can_be_shuffled_too(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abcdefgh" * 30)
    config = Text.Config(name="text", path=str(tmp_path / "a.txt"), shuffled=True)
    spec = Text(config).prepare()
    assert spec.symbols == tuple("abcdefgh") and spec.sizes["train"] == 216


def test_what_is_for_words_alone() -> None:
    for settings in ({"vocabulary": 500}, {"lowercase": True}):
        with pytest.raises(
            RequestError, match="data.unit=character keeps every symbol .* possible with data.unit=word"
        ):
            Text.Config(name="text", path="a.txt", **settings)
    with pytest.raises(RequestError, match="data.vocabulary = 0"):
        Text.Config(name="text", path="a.txt", unit=Unit.word, vocabulary=0)


def test_no_words_and_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("  \t ")
    with pytest.raises(RequestError, match="a.txt: the file is empty"):
        text_at(tmp_path / "a.txt").prepare()
    (tmp_path / "b.txt").write_bytes(b"word\0")
    with pytest.raises(RequestError, match="byte 4 is NUL"):
        text_at(tmp_path / "b.txt").prepare()


def test_trials_on_characters_keep_their_identity() -> None:
    from rnnlab.config.compose import compose

    experiment: Experiment = compose(["data=tinyshakespeare"]).experiment
    assert Text.Config(name="text", path="x").recipe == ("character",)
    assert trial_hash(experiment) == OLD_HASH
    assert trial_hash(compose(["data=tinyshakespeare", "data.unit=word"]).experiment) != OLD_HASH


def test_n_grams_are_counted_on_words(tmp_path: Path) -> None:
    """Every word tells the next one: a 2-gram has nothing left to guess."""
    (tmp_path / "a.txt").write_text("the cat saw a dog , \n" * 300)
    found = baselines(text_at(tmp_path / "a.txt"))
    assert found["uniform"] == pytest.approx(np.log(8)) and found["2-gram"] < 0.02 < found["1-gram"]


def test_words_are_found_in_lower_case_too() -> None:
    places = places_of(("<unk>", "king", "Romeo", "romeo"))
    assert [find_word(word, places) for word in ("King", "Romeo", "ROMEO", "queen")] == [1, 2, 3, None]
