"""What the tests of probes share: small models on made-up symbols, and what is looked at in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.contents import Sequences, Stream
from rnnlab.data.spec import DataSpec
from rnnlab.models.backends import Backend, backends_of
from rnnlab.models.cells.base import Cell
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.embeddings.none import NoEmbedding
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.probes.base import Error, Source, Subject

MakeModel = Callable[..., Task]
MakeSubject = Callable[..., Subject]
SYMBOLS = 7
STREAM = DataSpec("stream", tuple("abcdefg"), 0, 0, {"train": 900, "val": 400, "test": 5}, 0, "character", "0")
VECTORS = DataSpec("sequences", (), 3, 4, {"train": 8, "val": 6, "test": 4}, 9, "", "0")


@pytest.fixture(scope="session")
def stream() -> Stream:
    return Stream(np.random.default_rng(3).integers(0, SYMBOLS, 400).astype(np.uint8), np.array([0]))


@pytest.fixture(scope="session")
def sequences() -> Sequences:
    """Six rows of 4 to 9 valid steps."""
    generator = np.random.default_rng(4)
    inputs = generator.standard_normal((6, 9, 3)).astype(np.float32)
    return Sequences(inputs, generator.integers(0, 4, 6), np.array([9, 5, 7, 4, 9, 6]))


@pytest.fixture(scope="session")
def make_model() -> MakeModel:
    """``make_model("lstm", hidden_size=4, spec=STREAM, stack={...}, task={...}, ...cell settings)``.

    Noise is added to all weights: a bias of zero would hide a mistake in its use.
    """

    def make(
        name: str,
        *,
        hidden_size: int = 4,
        spec: DataSpec = STREAM,
        backend: str = "loop",
        stack: Mapping[str, Any] | None = None,
        task: Mapping[str, Any] | None = None,
        noise: float = 0.3,
        **settings: Any,
    ) -> Task:
        torch.manual_seed(0)
        cell = registry.component("cell", name).Config(name=name, hidden_size=hidden_size, **settings)
        embedding = Learned.Config(name="learned", size=3) if spec.symbols else NoEmbedding.Config(name="none")
        task_name = {"stream": "language_model", "sequences": "classification"}[spec.shape]
        task_config = registry.component("task", task_name).Config(name=task_name, **(task or {}))
        config = Stack.Config(**{"dropout": 0.3, "backend": Backend(backend), **(stack or {})})
        model = build_model(cell, embedding, config, task_config, spec)
        with torch.no_grad():
            for parameter in model.parameters():
                parameter.add_(noise * torch.randn_like(parameter))
        if backend == "auto":
            runner = model.stack.runners[0]
            model.stack.backend = next(found for found in backends_of(runner) if found is not Backend.compiled)
        return model

    return make


def with_cell(cell: Cell, symbols: int = SYMBOLS) -> Task:
    """A language model over one cell made by hand."""
    torch.manual_seed(0)
    embedding = Learned(Learned.Config(name="learned", size=cell.input_size), STREAM)
    return LanguageModel(
        LanguageModel.Config(name="language_model"),
        embedding,
        Stack(Stack.Config(backend=Backend.loop), [cell]),
        STREAM,
    )


@pytest.fixture
def look(stream: Stream, sequences: Sequences) -> MakeSubject:
    """``look(model, spec=STREAM, rows=3, lags=8, error=Error.last)``: what a probe looks at."""

    def make(
        model: Task, *, spec: DataSpec = STREAM, rows: int = 3, lags: int = 8, error: Error = Error.last
    ) -> Subject:
        source = Source(stream if spec.shape == "stream" else sequences, spec, error, rows, lags)
        return Subject(model, source, source.batch(rows))

    return make
