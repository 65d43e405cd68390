"""Small models that write, for any encoder-decoder settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.backends import Backend
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.encoder_decoder import EncoderDecoder


@pytest.fixture(scope="session")
def pairs_spec() -> DataSpec:
    """Five letters, of which at most four are read, and four target symbols beside the end, at most four written."""
    return DataSpec(
        "pairs", tuple("abcde"), 0, 5, {"train": 8, "val": 4, "test": 4}, 4, "character", "0",
        target_symbols=("", *"wxyz"), target_length=5,
    )  # fmt: skip


@pytest.fixture(scope="session")
def make_writer(pairs_spec: DataSpec) -> Callable[..., EncoderDecoder]:
    """``make_writer("additive", cell="gru", hidden_size=6, feed=False, bridge="learned", ...)``, in float64."""

    def make(
        attention: str = "dot",
        *,
        cell: str = "lstm",
        hidden_size: int = 6,
        feed: bool = False,
        feed_dropout: float = 0.0,
        encoder: dict[str, Any] | None = None,
        stack: dict[str, Any] | None = None,
        spec: DataSpec = pairs_spec,
        seed: int = 0,
        **task: Any,
    ) -> EncoderDecoder:
        torch.manual_seed(seed)
        kinds = {"attention": attention, "encoder": "recurrent", "embedding": "learned", "task": "encoder_decoder"}
        given: dict[str, dict[str, Any]] = {
            "attention": {"feed": feed, "feed_dropout": feed_dropout}, "encoder": encoder or {},
            "embedding": {"size": 3}, "task": task,
        }  # fmt: skip
        configs = {g: registry.component(g, name).Config(name=name, **given[g]) for g, name in kinds.items()}
        model = build_model(
            registry.component("cell", cell).Config(name=cell, hidden_size=hidden_size),
            configs["embedding"],
            Stack.Config(**{"dropout": 0.0, "backend": Backend.loop, **(stack or {})}),
            configs["task"],
            spec,
            configs["encoder"],
            configs["attention"],
        ).double()
        assert isinstance(model, EncoderDecoder)
        with torch.no_grad():  # biases that start at zero would hide a mistake in their use
            for parameter in model.parameters():
                parameter.add_(0.3 * torch.randn_like(parameter))
        return model

    return make


@pytest.fixture
def pairs_batch() -> Batch:
    """Four rows of one to four letters, and targets of other lengths."""
    targets = torch.tensor([[1, 2, 0, -1, -1], [4, 3, 2, 1, 0], [0, -1, -1, -1, -1], [2, 2, 2, 0, -1]])
    inputs = torch.tensor([[0, 1, 2, 3], [4, 0, 0, 0], [2, 3, 0, 0], [1, 1, 4, 0]])
    return Batch(inputs, targets, torch.tensor([4, 1, 2, 3]))
