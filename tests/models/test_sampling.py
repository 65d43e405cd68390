"""Primers and samples in words; characters and bytes are sampled with the command line."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.cells.lstm import LSTM
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.model import build_model
from rnnlab.models.sampling import Sampling, decode, encode, generate, unknown
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.language_model import LanguageModel

WORDS = ("<unk>", "\n", "the", ",", "king", "(", ")", ".", "Romeo")


@pytest.fixture
def spec(text_spec: DataSpec) -> DataSpec:
    return replace(text_spec, symbols=WORDS, unit="word")


def test_a_primer_in_words(spec: DataSpec) -> None:
    assert encode("The king, (ROMEO)", replace(spec, symbols=(*WORDS, "romeo"))) == [2, 4, 3, 5, 9, 6]
    assert encode("<unk> Romeo", spec) == [0, 8]
    assert encode("", spec) == encode(" ", spec) == [1]


def test_a_word_that_the_model_does_not_know(spec: DataSpec) -> None:
    with pytest.raises(RequestError, match=r"primer: word 3, 'kings', is not among the 9 .* \(did you mean 'king'\?\)"):
        encode("the, kings", spec)


@pytest.mark.parametrize(
    ("primer", "text"), [([2], " king (the king), the\nking."), ([1], "king (the king), the\nking."), ([], "king")]
)
def test_words_are_written_as_text(spec: DataSpec, primer: list[int], text: str) -> None:
    symbols = encode(text, spec)
    assert "".join(decode(iter(symbols), spec, primer)) == text


def test_a_sample_is_words_of_the_vocabulary(spec: DataSpec) -> None:
    torch.manual_seed(0)
    parts = (LSTM.Config(name="lstm", hidden_size=4), Learned.Config(name="learned", size=4), Stack.Config(dropout=0.0))
    model = build_model(*parts, LanguageModel.Config(name="language_model"), spec)
    assert isinstance(model, LanguageModel)
    drawn = list(generate(model.eval(), [2], Sampling(length=50)))
    assert 0 in drawn and unknown(spec) == [0]
    for how in (Sampling(length=50), Sampling(length=50, temperature=0), Sampling(length=50, top_k=2)):
        assert not {0, 3} & set(generate(model, [2], how, never=[0, 3]))
    text = "".join(decode(iter(drawn), spec, [2]))
    assert encode(text, spec) == drawn
