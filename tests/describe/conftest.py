"""What the tests of descriptions share: the wiring of a cell, and of equations written for a test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rnnlab.config import registry
from rnnlab.describe.wiring import Wiring
from rnnlab.models.equations import equations_of, read_equation

MakeWiring = Callable[[str], Wiring]


@pytest.fixture(scope="session")
def wiring_of() -> MakeWiring:
    """``wiring_of("lstm")``: as ``cells show`` wires it, with four units."""
    known: dict[str, Wiring] = {}

    def make(name: str) -> Wiring:
        if name not in known:
            cell_class = registry.component("cell", name)
            cell = cell_class(cell_class.Config(name=name, hidden_size=4), 3)
            known[name] = Wiring(equations_of(cell_class), cell.symbols())
        return known[name]

    return make


@pytest.fixture(scope="session")
def wired() -> Callable[..., Wiring]:
    """``wired("a_t = W x_t", "h_t = tanh(a_t)", phi="relu")``: the wiring of these lines."""

    def make(*lines: str, **symbols: object) -> Wiring:
        return Wiring([read_equation(line) for line in lines], symbols)

    return make
