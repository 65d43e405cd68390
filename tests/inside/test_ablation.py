"""Ablation: what a planted unit costs is known in closed form, and it costs nothing outside quotes."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.inside.ablation import clamping, effect, means, nats, random_units
from rnnlab.inside.finding.labelled import Labelled
from rnnlab.inside.reading import Part, read
from rnnlab.inside.units import UnitAddress
from tests.inside.planted import (
    INSIDE,
    OUTSIDE,
    SYMBOLS,
    UNIT,
    UNITS,
    inside_quotes,
    log_chances,
    planted,
    planted_text,
)

PLANTED = UnitAddress(0, "h", UNIT)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_it_costs_what_is_lost_inside_quotes_and_nothing_outside() -> None:
    model, ids = planted(), planted_text(6000)
    inside = inside_quotes(ids)
    label = Labelled("quotes", "", False, inside.astype(np.float32))
    plain, clamped = nats(model, ids, {}), nats(model, ids, {PLANTED: 0.0})
    others = random_units([PLANTED], model.stack, np.random.default_rng(0))
    found = effect(label, plain, clamped, [nats(model, ids, dict.fromkeys(others, 0.0))])
    lost = np.array(log_chances(INSIDE, list(SYMBOLS))) - np.array(log_chances(OUTSIDE, list(SYMBOLS)))
    expected = lost[ids[1:][inside[:-1]]].mean()
    assert found.inside.estimate == pytest.approx(expected, abs=1e-4) and expected > 0.5
    assert found.inside.low > 0.5 and found.difference.low > 0.5
    assert np.abs((clamped - plain)[1:][~inside[:-1]]).max() < 1e-4
    assert abs(found.outside.high) < 1e-5
    assert found.controls == [pytest.approx((0, 0), abs=1e-6)], "the head reads no other unit"
    assert found.row()["inside_bits"] == pytest.approx(found.inside.estimate / math.log(2))


def test_units_are_held_at_every_step_and_row() -> None:
    model, ids = planted(), planted_text(900)
    clamps = {UnitAddress(0, "c", 1): 0.25, UnitAddress(0, "c", 4): -2.0, UnitAddress(0, "h", 2): 0.5}
    reading = read(model, ids, [Part(0, "c"), Part(0, "h")], rows=3, edit=clamping(clamps))
    for unit, value in clamps.items():
        np.testing.assert_array_equal(reading.values[unit.part][:, unit.unit], np.float32(value))
    free = reading.values[Part(0, "h")][:, 5]
    assert free.std() > 0


def test_means_are_of_the_text() -> None:
    model, ids = planted(), planted_text(900)
    unit = UnitAddress(0, "c", 5)
    values = read(model, ids, [unit.part]).values[unit.part][:, 5]
    assert means(model, ids, [unit])[unit] == pytest.approx(values.mean(), abs=1e-3)


def test_random_units_are_others_of_the_same_parts() -> None:
    units = [UnitAddress(0, "h", 1), UnitAddress(0, "c", 2), UnitAddress(0, "h", 3)]
    drawn = random_units(units, planted().stack, np.random.default_rng(0))
    assert sorted(unit.name for unit in drawn) == ["c", "h", "h"] and not set(drawn) & set(units)
    assert len(set(drawn)) == 3
    with pytest.raises(RequestError, match="not as many others"):
        random_units([UnitAddress(0, "h", unit) for unit in range(UNITS)], planted().stack, np.random.default_rng(0))


def test_a_number_counts_above_its_mean_and_not_where_it_is_not_asked() -> None:
    generator = np.random.default_rng(0)
    number = generator.integers(0, 4, 5000).astype(np.float32)
    number[::5] = np.nan
    plain = generator.random(5000).astype(np.float32)
    change = np.where(np.nan_to_num(number, nan=-1) >= 2, 2.0, np.where(np.isnan(number), 100.0, 1.0))
    clamped = plain.copy()
    clamped[1:] += change[:-1].astype(np.float32)
    found = effect(Labelled("number", "", True, number), plain, clamped, [])
    assert (found.inside.estimate, found.outside.estimate) == pytest.approx((2, 1), abs=1e-4)
    assert found.difference.estimate == pytest.approx(1, abs=1e-4)


def test_a_text_too_short_and_a_feature_that_is_nowhere() -> None:
    nothing = np.zeros(5000, np.float32)
    with pytest.raises(RequestError, match="no symbol inside"):
        effect(Labelled("never", "", False, nothing), nothing, nothing, [])
    some = (np.arange(100) % 2).astype(np.float32)
    with pytest.raises(RequestError, match="at least 4,000"):
        effect(Labelled("some", "", False, some), some, some, [])
