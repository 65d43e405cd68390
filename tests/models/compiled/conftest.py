"""What the tests of compilation share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from rnnlab.config import registry
from rnnlab.models.cells.base import Cell


@pytest.fixture(scope="session")
def make_cell() -> Callable[..., Cell]:
    """``make_cell("mgu", hidden_size=5, ...settings)`` of three inputs."""

    def make(name: str, *, hidden_size: int = 5, **settings: Any) -> Cell:
        cell_class = registry.component("cell", name)
        cell: Cell = cell_class(cell_class.Config(name=name, hidden_size=hidden_size, **settings), 3)
        return cell

    return make
