"""What each embedding makes of symbols and of vectors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.embeddings.learned import Learned

EMBEDDINGS = registry.names("embedding")


def build(name: str, spec: DataSpec, **settings: Any) -> Embedding:
    config = registry.component("embedding", name).Config(name=name, **settings)
    embedding: Embedding = registry.build("embedding", config, spec)
    return embedding


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_output_has_the_size_it_says(name: str, text_spec: DataSpec, vector_spec: DataSpec) -> None:
    """Each embedding takes symbols, or vectors, or both; and refuses the rest by name."""
    taken = 0
    for spec, inputs in ((text_spec, torch.randint(7, (2, 5))), (vector_spec, torch.randn(2, 5, 3))):
        try:
            embedding = build(name, spec)
        except RequestError as error:
            assert f"embedding = '{name}'" in str(error) and "\n" not in str(error)
            continue
        taken += 1
        assert embedding(inputs).shape == (2, 5, embedding.size)
        assert embedding(inputs).dtype == torch.float32
    assert taken >= 1


def test_learned_looks_up_its_table(text_spec: DataSpec) -> None:
    embedding = build("learned", text_spec, size=4)
    ids = torch.tensor([[0, 6], [3, 3]])
    assert torch.equal(embedding(ids), embedding.map.weight[ids])
    embedding(ids).sum().backward()
    assert embedding.map.weight.grad.sum(dim=1).tolist() == [4, 0, 0, 8, 0, 0, 4]


def test_learned_maps_vectors(vector_spec: DataSpec) -> None:
    embedding = build("learned", vector_spec, size=4)
    x_BTD = torch.randn(2, 5, 3)
    torch.testing.assert_close(embedding(x_BTD), x_BTD @ embedding.map.weight.T + embedding.map.bias)


def test_one_hot(text_spec: DataSpec) -> None:
    embedding = build("one_hot", text_spec)
    assert torch.equal(embedding(torch.tensor([[0, 6, 2]]))[0], torch.eye(7)[[0, 6, 2]])
    assert not list(embedding.parameters())


def test_none_hands_vectors_on(vector_spec: DataSpec) -> None:
    x_BTD = torch.randn(2, 5, 3)
    assert build("none", vector_spec)(x_BTD) is x_BTD


def test_ngrams_are_those_that_end_at_each_step(text_spec: DataSpec) -> None:
    """Equal where the last ``longest`` symbols are, and for two histories otherwise only by a chance of the hash."""
    embedding = build("ngrams", text_spec, size=4, longest=3, buckets=1 << 20).eval()
    assert torch.equal(embedding(torch.tensor([[1, 2, 3]])), embedding.map.weight[None, 1:4]), "unread, they are zero"
    torch.nn.init.normal_(embedding.grams.weight)
    x_BTD = embedding(torch.tensor([[1, 2, 3, 4, 5], [6, 2, 3, 4, 5], [2, 3, 4, 5, 0]]))
    assert torch.equal((x_BTD[0] == x_BTD[1]).all(dim=-1), torch.tensor([False, False, False, True, True]))
    assert torch.equal((x_BTD[0, 1:] == x_BTD[2, :-1]).all(dim=-1), torch.tensor([False, False, True, True]))
    two, three = embedding.buckets(torch.tensor([[1, 2, 3]]))
    parts = embedding.map.weight[3] + embedding.grams.weight[two[0, 2]] + embedding.grams.weight[three[0, 2]]
    torch.testing.assert_close(embedding(torch.tensor([[1, 2, 3]]))[0, 2], parts)
    assert two[0, 0] != three[0, 0], "the beginning is a symbol too"


def test_ngrams_spread_over_all_buckets(text_spec: DataSpec) -> None:
    embedding = build("ngrams", text_spec, size=1, longest=8, buckets=64)
    counts = torch.cat(list(embedding.buckets(torch.randint(7, (50, 200))))).flatten().bincount(minlength=64)
    assert counts.min() > counts.double().mean() / 2


def test_ngrams_are_left_out_in_training_alone(text_spec: DataSpec) -> None:
    embedding = build("ngrams", text_spec, size=2, longest=2, gram_dropout=0.25)
    torch.nn.init.normal_(embedding.grams.weight)
    inputs = torch.randint(7, (40, 50))
    plain = embedding.eval()(inputs) - embedding.map(inputs)
    trained = embedding.train()(inputs) - embedding.map(inputs)
    left_out = trained.abs().amax(dim=-1) < 1e-7
    torch.testing.assert_close(trained, torch.where(left_out[..., None], 0.0, plain / 0.75), rtol=0, atol=1e-6)
    assert left_out.double().mean().item() == pytest.approx(0.25, abs=5 * (0.25 * 0.75 / 2000) ** 0.5)


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"longest": 1}, r"embedding\.longest = 1: it must be from 2 to 8"),
        ({"buckets": 0}, r"embedding\.buckets = 0"),
        ({"gram_dropout": 1.0}, r"embedding\.gram_dropout = 1\.0"),
        ({"size": 0}, r"embedding\.size = 0"),
    ],
)
def test_ngrams_out_of_range(settings: dict[str, Any], line: str) -> None:
    with pytest.raises(RequestError, match=line):
        registry.component("embedding", "ngrams").Config(**settings)


@pytest.mark.parametrize(
    "words", [("embedding=ngrams",), ("embedding=ngrams", "task=encoder_decoder", "data=reverse", "encoder=recurrent")]
)
def test_ngrams_need_whole_sequences(cli: Callable[..., Any], workspace: Path, words: tuple[str, ...]) -> None:
    answer = cli("train", *words)
    assert answer.exit_code == 2 and answer.stderr.count("\n") == 1
    assert "embedding=ngrams: it looks at the symbols before each one, which task=" in answer.stderr
    assert not (workspace / "runs").exists()


def test_size_out_of_range() -> None:
    with pytest.raises(RequestError, match=r"embedding\.size = 0"):
        Learned.Config(size=0)


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_noise_is_added_in_training_only(name: str, text_spec: DataSpec, vector_spec: DataSpec) -> None:
    if name == "none":
        spec, inputs = vector_spec, torch.randn(40, 50, 3)
    else:
        spec, inputs = text_spec, torch.randint(7, (40, 50))
    embedding = build(name, spec, noise=0.5, **({"gram_dropout": 0.0} if name == "ngrams" else {}))
    torch.manual_seed(0)
    added = embedding(inputs) - embedding.vectors(inputs)
    assert abs(added.mean().item()) < 0.03
    assert added.std().item() == pytest.approx(0.5, rel=0.05)
    assert torch.equal(embedding.eval()(inputs), embedding.vectors(inputs))


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_noise_out_of_range(name: str) -> None:
    with pytest.raises(RequestError, match=r"embedding\.noise = -0.1"):
        registry.component("embedding", name).Config(noise=-0.1)
