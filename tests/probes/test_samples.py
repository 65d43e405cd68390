"""Texts that a model writes while it learns."""

from __future__ import annotations

import json

import pytest
import torch

from rnnlab.models.sampling import Sampling, decode, encode, generate
from rnnlab.probes.base import CannotAnswer
from rnnlab.probes.samples import LENGTH, Samples
from tests.probes.conftest import STREAM, VECTORS, MakeModel, MakeSubject


def test_they_are_what_the_model_would_write(make_model: MakeModel, look: MakeSubject) -> None:
    subject = look(make_model("lstm", stack={"depth": 2, "zoneout": 0.1}))
    before = torch.get_rng_state()
    table = Samples().look(subject).tables["samples"]
    assert torch.equal(torch.get_rng_state(), before), "the draws have a generator of their own"
    assert table["temperature"] == [0.8, 0.0]
    texts = [json.loads(text) for text in table["text"]]
    for temperature, text in zip((0.8, 0.0), texts, strict=True):
        drawn = generate(subject.model, encode("", STREAM), Sampling(length=LENGTH, temperature=temperature))
        assert text == "".join(decode(drawn, STREAM)) and len(text) == LENGTH
    assert texts[0] != texts[1]


def test_the_likeliest_symbol_follows_the_bias_of_the_head(make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("gru")
    with torch.no_grad():
        model.head.bias[STREAM.symbols.index("e")] = 1e4
    table = Samples().look(look(model)).tables["samples"]
    assert [json.loads(text) for text in table["text"]] == ["e" * LENGTH] * 2


def test_a_model_that_writes_no_text_is_refused(make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("gru", spec=VECTORS)
    with pytest.raises(CannotAnswer, match=r"samples with task=classification: it writes no text; possible with"):
        Samples().asked(model, look(model, spec=VECTORS).source)


@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_a_model_that_diverged_says_so(wrong: float, make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("lstm")
    with torch.no_grad():
        model.head.bias[2] = wrong
    table = Samples().look(look(model)).tables["samples"]
    for text in map(json.loads, table["text"]):
        assert text.startswith("[the model writes nothing: its logits are not finite")
