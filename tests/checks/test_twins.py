"""Near twins: how far apart, and that they meet where they must."""

from __future__ import annotations

from rnnlab.checks.subject import Subject
from rnnlab.checks.twins import TWINS, apart, letters, twins_of
from rnnlab.config import registry

CELLS = registry.names("cell")


def test_a_cell_is_its_own_twin() -> None:
    same = apart("gru", "gru")
    assert (same.difference, same.without, same.alone) == (0, 0, "")


def test_letters_are_the_learned_ones_and_each_stands_once() -> None:
    cell = Subject("gru").cell()
    found = letters(cell)
    assert sum(value.numel() for value in found.values()) == sum(p.numel() for p in cell.parameters())


def test_the_two_grus_are_two_cells() -> None:
    two = apart("gru", "gru_cho")
    assert two.difference > 0.01 and two.without > 0.01


def test_without_its_peepholes_a_peephole_lstm_is_an_lstm() -> None:
    peepholes = apart("lstm", "peephole_lstm")
    assert peepholes.difference > 0.01 and peepholes.without < 1e-14
    assert apart("lstm", "np").difference < 1e-14


def test_pairs_are_those_of_the_cells_that_were_asked_for() -> None:
    assert {twin.cells for twin in twins_of(["gru"])} <= {f"{a}, {b}" for a, b in TWINS if "gru" in (a, b)}
    assert twins_of([]) == []
