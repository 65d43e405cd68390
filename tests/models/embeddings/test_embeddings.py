"""What each embedding makes of symbols and of vectors."""

from __future__ import annotations

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


def test_size_out_of_range() -> None:
    with pytest.raises(RequestError, match=r"embedding\.size = 0"):
        Learned.Config(size=0)


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_noise_is_added_in_training_only(name: str, text_spec: DataSpec, vector_spec: DataSpec) -> None:
    if name == "none":
        spec, inputs = vector_spec, torch.randn(40, 50, 3)
    else:
        spec, inputs = text_spec, torch.randint(7, (40, 50))
    embedding = build(name, spec, noise=0.5)
    torch.manual_seed(0)
    added = embedding(inputs) - embedding.vectors(inputs)
    assert abs(added.mean().item()) < 0.03
    assert added.std().item() == pytest.approx(0.5, rel=0.05)
    assert torch.equal(embedding.eval()(inputs), embedding.vectors(inputs))


@pytest.mark.parametrize("name", EMBEDDINGS)
def test_noise_out_of_range(name: str) -> None:
    with pytest.raises(RequestError, match=r"embedding\.noise = -0.1"):
        registry.component("embedding", name).Config(noise=-0.1)
