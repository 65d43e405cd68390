"""What the tests of models share: stacks and data descriptions of a few numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.spec import DataSpec
from rnnlab.models.backends import Backend, backends_of
from rnnlab.models.model import build_stack
from rnnlab.models.stack import Stack


@pytest.fixture(scope="session")
def make_stack() -> Callable[..., Stack]:
    """``make_stack("lstm", input_size=3, depth=2, dropout=0.0, backend="loop", seed=0, ...cell settings)``.

    ``stack={...}``: other settings of the stack.
    """

    def make(
        name: str,
        *,
        input_size: int = 3,
        hidden_size: int = 5,
        depth: int = 1,
        dropout: float = 0.0,
        backend: str = "auto",
        dtype: torch.dtype = torch.float64,
        seed: int = 0,
        stack: Mapping[str, Any] | None = None,
        **settings: Any,
    ) -> Stack:
        torch.manual_seed(seed)
        cell = registry.component("cell", name)
        config = cell.Config(name=name, hidden_size=hidden_size, **settings)
        stack_settings = {"depth": depth, "dropout": dropout, "backend": Backend(backend), **(stack or {})}
        made = build_stack(Stack.Config(**stack_settings), config, input_size).to(dtype)
        with torch.no_grad():  # biases that start at zero would hide a mistake in their use
            for parameter in made.parameters():
                parameter.add_(0.3 * torch.randn_like(parameter))
        if backend == "auto":  # the fastest that needs no compiler
            made.backend = next(found for found in backends_of(made.runners[0]) if found is not Backend.compiled)
        return made

    return make


@pytest.fixture
def text_spec() -> DataSpec:
    """A stream over seven symbols."""
    return DataSpec("stream", tuple("abcdefg"), 0, 0, {"train": 90, "val": 5, "test": 5}, 0, "character", "0")


@pytest.fixture
def vector_spec() -> DataSpec:
    """Sequences of vectors of three features, in four classes."""
    return DataSpec("sequences", (), 3, 4, {"train": 8, "val": 4, "test": 4}, 6, "", "0")
