"""What the tests of training share: a learner on a few made-up symbols."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.contents import Stream
from rnnlab.data.spec import DataSpec
from rnnlab.data.windows import StreamWindows
from rnnlab.models.backends import Backend
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.language_model import LanguageModel
from rnnlab.training.bptt import CarriedState
from rnnlab.training.device import Precision
from rnnlab.training.learner import Learner
from rnnlab.training.optimizers.base import Optimizer
from rnnlab.training.seeds import INITIALISATION, reseed

MakeLearner = Callable[..., Learner]


@pytest.fixture(scope="session")
def make_learner() -> MakeLearner:
    """``make_learner(ids=..., rows=2, window=5, cell="lstm", optimizer="adamw", ...)``.

    ``stack={...}``, ``of_cell={...}``: other settings of the stack and of the cell; the rest are the optimizer's.
    """

    def make(
        *,
        ids: np.ndarray | None = None,
        documents: list[int] | None = None,
        rows: int = 2,
        window: int = 5,
        cell: str = "lstm",
        depth: int = 1,
        dropout: float = 0.0,
        backend: str = "auto",
        optimizer: str = "adamw",
        carried: CarriedState = CarriedState.carried,
        seed: int = 0,
        precision: Precision = Precision.float32,
        stack: Mapping[str, Any] | None = None,
        of_cell: Mapping[str, Any] | None = None,
        omega: float = 0.0,
        **settings: Any,
    ) -> Learner:
        if ids is None:
            ids = np.random.default_rng(5).integers(0, 9, 101).astype(np.uint8)
        symbols = tuple(chr(97 + i) for i in range(int(ids.max()) + 1))
        spec = DataSpec("stream", symbols, 0, 0, {"train": len(ids), "val": 0, "test": 0}, 0, "character", "0")
        reseed(seed, INITIALISATION)
        model = build_model(
            registry.component("cell", cell).Config(name=cell, hidden_size=6, **(of_cell or {})),
            Learned.Config(name="learned", size=4),
            Stack.Config(**{"dropout": dropout, "depth": depth, "backend": Backend(backend), **(stack or {})}),
            LanguageModel.Config(name="language_model"),
            spec,
        )
        config = registry.component("optimizer", optimizer).Config(name=optimizer, **settings)
        recipe: Optimizer = registry.build("optimizer", config)
        stream = Stream(ids, np.array(documents or [0]))
        windows = StreamWindows(stream, rows, window, reset_at_documents=documents is not None)
        learner = Learner(model, recipe, windows, carried, seed, torch.device("cpu"), precision.autocast, omega)
        learner.max_steps = 50
        return learner

    return make
