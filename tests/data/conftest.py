"""A cache of its own for every test that prepares data."""

from __future__ import annotations

from pathlib import Path

import pytest


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
