"""Choosing: the strongest unit of all parts, the first of equals; and the parts that people name."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.inside.activations import collect, named_parts, state_parts
from rnnlab.inside.finding.choosing import best_unit, strongest
from rnnlab.inside.reading import Part
from rnnlab.inside.subject import Subject
from rnnlab.inside.text import Text
from rnnlab.inside.units import UnitAddress
from rnnlab.models.stack import Stack
from tests.inside.planted import UNIT, built, characters_of, experiment, planted, planted_text, spec


def test_the_strongest_of_all_parts_up_or_down() -> None:
    table = {Part(0, "h"): np.array([[0.5, -0.7, 0.1]]), Part(1, "c"): np.array([[0.7000001, 0.2, 0.69]])}
    assert strongest(table, 0) == (UnitAddress(0, "h", 1), -1, 0.7)
    table[Part(1, "c")][0, 1] = 0.71
    assert strongest(table, 0) == (UnitAddress(1, "c", 1), 1, 0.71)


def test_the_best_unit_of_a_subject() -> None:
    torch.set_num_threads(1)
    ids = planted_text(4000)
    subject = Subject("abcd", planted(), spec(), experiment(), Text(ids, characters_of(ids), "notes", "notes.txt"))
    assert best_unit(subject, "quotes") == UnitAddress(0, "h", UNIT)
    with pytest.raises(RequestError, match="did you mean 'quotes'"):
        best_unit(subject, "quots")


def test_states_are_h_first_and_every_cell_has_them() -> None:
    assert state_parts(built("stack.depth=2").stack) == [Part(0, "h"), Part(0, "c"), Part(1, "h"), Part(1, "c")]
    for cell in registry.names("cell"):
        stack = built(f"cell={cell}").stack
        parts = state_parts(stack)
        assert parts[0] == Part(0, "h") and len(parts) <= 6, cell


@pytest.mark.parametrize("cell", ["lru", "scrn", "slstm", "cornn", "mingru", "multiplicative_lstm"])
def test_states_of_uncommon_cells_are_read(cell: str) -> None:
    torch.set_num_threads(1)
    model = built(f"cell={cell}")
    ids = planted_text(50)
    found = collect(model, ids, named_parts(model.stack, "all"))
    assert {values.shape[0] for values in found.values.values()} == {50}


def test_named_parts() -> None:
    stack: Stack = built("stack.depth=2").stack
    assert named_parts(stack, "f,c") == [Part(0, "f"), Part(1, "f"), Part(0, "c"), Part(1, "c")]
    assert len(named_parts(stack, "all")) == 2 * len(next(stack.layers()).names)
    for words, line in (("z", "no cell of this run has 'z'"), ("", "name at least one")):
        with pytest.raises(RequestError, match=line):
            named_parts(stack, words)
