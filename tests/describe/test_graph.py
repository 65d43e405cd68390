"""The page of a model's graph."""

from __future__ import annotations

import re
from typing import Any

import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.spec import DataSpec
from rnnlab.describe.graph import graph_page
from rnnlab.models.backends import Backend
from rnnlab.models.connections import Connections
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task

TEXT = DataSpec("stream", tuple("abcdefg"), 0, 0, {"train": 900, "val": 400, "test": 5}, 0, "character", "0")


def made(cell: str, task: dict[str, Any] | None = None, **stack: Any) -> Task:
    torch.manual_seed(0)
    config = registry.component("cell", cell).Config(name=cell, hidden_size=3)
    task_config = registry.component("task", "language_model").Config(name="language_model", **(task or {}))
    embedding = Learned.Config(name="learned", size=3)
    return build_model(config, embedding, Stack.Config(backend=Backend.loop, **stack), task_config, TEXT)


@pytest.mark.parametrize("cell", registry.names("cell"))
def test_every_cell_has_a_page(cell: str) -> None:
    model = made(cell, depth=2)
    page = graph_page(model, "abcd0000")
    assert page.count("<svg") == 2 and "There is no picture of it" not in page
    for name, weight in model.named_parameters():
        assert f"<code>{name}</code>" in page
        assert " \u00d7 ".join(f"{size}" for size in weight.shape) in page
    assert f"{sum(parameter.numel() for parameter in model.parameters()):,}" in page
    assert len(re.findall('data-layer="1"', page)) == 4, "the second layer at four steps"


def test_tied_weights_stand_there_once() -> None:
    page = graph_page(made("gru", {"tie_weights": True}), "abcd0000")
    assert ("<code>embedding.map.weight</code>" in page) != ("<code>head.weight</code>" in page)


def test_connections_are_named() -> None:
    page = graph_page(made("lstm", depth=3, connections=Connections.dense), "abcd0000")
    assert "3 layers, dense connections." in page
