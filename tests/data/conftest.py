"""A cache of its own for every test that prepares data, and items of the sets that are drawn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlab.config import registry
from rnnlab.data.contents import Sequences


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache; ``RNNLAB_DATA`` stays as it is."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("RNNLAB_CACHE", str(folder))
    return folder


@pytest.fixture
def no_own_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a fresh machine: no ``RNNLAB_DATA``."""
    monkeypatch.delenv("RNNLAB_DATA", raising=False)


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Sequences]:
    """``drawn("copy", seed=3, count=20, delay=5)``: items of a generated set with these settings."""

    def draw(name: str, *, seed: int = 0, count: int = 20, **settings: Any) -> Sequences:
        kind = registry.component("data", name)
        dataset = kind(kind.Config(name=name, **settings))
        items = dataset.draw(np.random.default_rng(seed), count)
        assert isinstance(items, Sequences)
        return items

    return draw


@pytest.fixture(scope="session")
def loss_without_memory() -> Callable[..., float]:
    """``loss_without_memory("copy", delay=5)``: what ``Dataset.memoryless`` measures."""

    def measure(name: str, **settings: Any) -> float:
        kind = registry.component("data", name)
        found = kind(kind.Config(name=name, **settings)).memoryless()
        assert found is not None
        return float(found)

    return measure
