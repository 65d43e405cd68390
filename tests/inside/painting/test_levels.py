"""A painting holds what a reading found, whatever the cell."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.inside.painting import levels as module
from rnnlab.inside.painting.levels import paint, shown_parts
from rnnlab.inside.reading import Part, read
from rnnlab.inside.units import UnitAddress
from tests.inside.made_up import subject_of

TEXT = "a rose is a rose is a rose\n" * 3


@pytest.mark.parametrize("cell", registry.names("cell"))
def test_it_is_what_the_reading_found(cell: str) -> None:
    subject = subject_of(TEXT, f"cell={cell}", "stack.depth=2")
    painting = paint(subject)
    reading = read(subject.model, subject.text.symbols_N, list(painting.parts))
    for part, values_NH in reading.values.items():
        for unit in range(values_NH.shape[1]):
            address = UnitAddress(*part, unit)
            low, high = painting.scale(address)
            error = np.abs(painting.values(address) - values_NH[:, unit]).max()
            assert error <= (high - low) / 2 / 255 + 1e-6
    assert painting.chosen.layer == 1 and painting.chosen.name == "h"
    spreads = [painting.levels(UnitAddress(1, "h", unit)).std() for unit in range(6)]
    assert painting.chosen.unit == int(np.argmax(spreads))
    assert painting.mean_bits == pytest.approx(reading.nats_N[1:].mean() / np.log(2), rel=1e-5)


def test_states_and_gates_are_kept_and_sums_when_they_are_asked_for() -> None:
    subject = subject_of(TEXT)
    assert [part.name for part in shown_parts(subject.model.stack)] == ["h", "c", "i", "f", "g", "o"]
    painting = paint(subject, UnitAddress(0, "a_f", 1), [Part(0, "c")])
    assert list(painting.parts) == [Part(0, "c"), Part(0, "a_f")]


def test_the_first_guess_is_counted_against_what_came() -> None:
    painting = paint(subject_of(TEXT))
    ids, first = painting.subject.text.symbols_N, painting.guesses.symbols_NK[:, 0]
    right = sum(guess == came for guess, came in zip(first[:-1], ids[1:], strict=True))
    assert painting.first_guesses_right == right / (len(ids) - 1)


def test_one_symbol_alone_has_no_surprise() -> None:
    painting = paint(subject_of("a"))
    assert painting.mean_bits is None and painting.first_guesses_right is None


def test_what_diverged_cannot_be_painted() -> None:
    subject = subject_of(TEXT)
    with torch.no_grad():
        next(subject.model.stack.parameters()).fill_(float("nan"))
    with pytest.raises(RequestError, match="run 00c0ffee: h of layer 0 is not finite from symbol 0 on"):
        paint(subject)


def test_more_than_memory_should_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 36 * 4 * 50)
    with pytest.raises(RequestError, match="--symbols 81: 36 units can be kept for at most 50 symbols"):
        paint(subject_of(TEXT))
