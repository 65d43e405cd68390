"""Addresses of units, and what is said of one that is not there."""

from __future__ import annotations

import pytest

from rnnlab.config.compose import compose
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.inside.units import UnitAddress, parse
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack


@pytest.fixture(scope="module")
def stack() -> Stack:
    experiment = compose(["cell=lstm", "stack.depth=2", "stack.hidden_sizes=[4,6]", "embedding.size=3"]).experiment
    spec = DataSpec("stream", ("a", "b"), 0, 0, {"train": 10}, 0, "character", "none")
    return build_model(experiment.cell, experiment.embedding, experiment.stack, experiment.task, spec).stack


@pytest.mark.parametrize(
    ("word", "address"),
    [("0:3", UnitAddress(0, "h", 3)), ("1:5", UnitAddress(1, "h", 5)), ("1:c:0", UnitAddress(1, "c", 0))],
)
def test_an_address_is_read(word: str, address: UnitAddress, stack: Stack) -> None:
    assert parse(word, stack) == address
    assert parse(str(address), stack) == address


@pytest.mark.parametrize(
    ("word", "line"),
    [
        ("17", "give LAYER:UNIT"),
        ("a:b", "give LAYER:UNIT"),
        ("0:-1", "give LAYER:UNIT"),
        ("0:h:1:2", "give LAYER:UNIT"),
        ("2:0", "no layer 2; there are 0 to 1"),
        ("0:4", "layer 0 has no unit 4; it has 0 to 3"),
        ("0:cc:1", r"cell=lstm has no cc; it has .* \(did you mean 'c'\?\)"),
    ],
)
def test_what_is_not_there_is_said_in_a_line(word: str, line: str, stack: Stack) -> None:
    with pytest.raises(RequestError, match=line):
        parse(word, stack)
