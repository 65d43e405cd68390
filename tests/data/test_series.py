"""Windows of a series, counted by hand; the two real ones; and the rivals, forecast one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rnnlab.data.co2 import CO2
from rnnlab.data.series import Series, window_starts
from rnnlab.data.sunspots import Sunspots
from rnnlab.errors import RequestError


def made(kind: type[Series], **settings: object) -> Series:
    dataset = kind(kind.Config(name=kind.option(), **settings))
    if dataset.place() is None:
        pytest.skip("statsmodels is not on this machine")
    dataset.prepare()
    return dataset


@given(length=st.integers(20, 200), past=st.integers(1, 20), future=st.integers(1, 10))
def test_a_window_is_of_the_part_in_which_its_future_lies(length: int, past: int, future: int) -> None:
    edges = [0, *(round(share * length) for share in (0.7, 0.85)), length]
    assume(edges[1] >= past + future and min(np.diff(edges)) >= future)
    starts = window_starts(length, past, future)
    for number, name in enumerate(("train", "val", "test")):
        low, high = edges[number], edges[number + 1]
        expected = [s for s in range(length) if s + past >= max(low, past) and s + past + future <= high]
        assert starts[name].tolist() == expected


@pytest.mark.parametrize("kind", [CO2, Sunspots])
def test_items_are_windows_in_units_of_train(kind: type[Series]) -> None:
    dataset = made(kind)
    past, future, relative = dataset.config.past, dataset.config.future, dataset.config.relative
    mean, deviation = dataset.scale()
    train = dataset.split("train").inputs
    assert train.mean() == pytest.approx(0, abs=1e-5) and train.std() == pytest.approx(1, rel=1e-5)
    for name in ("train", "val", "test"):
        part = dataset.split(name)
        for row in (0, -1):
            start = int(dataset.starts[name][row])
            window = dataset.values_M[start : start + past + future]
            window = (window - (window[past - 1] if relative else 0) - mean) / deviation
            np.testing.assert_allclose(part.inputs[row, :, 0], window[:past], atol=1e-5)
            np.testing.assert_allclose(part.labels[row], window[past:], atol=1e-5)


@pytest.mark.parametrize("kind", [CO2, Sunspots])
def test_rivals_forecast_one_by_one(kind: type[Series]) -> None:
    dataset = made(kind)
    values, season = dataset.values_M, dataset.season
    _, deviation = dataset.scale()
    errors: dict[str, list[float]] = {"naive": [], "seasonal_naive": []}
    for start in dataset.starts["test"]:
        known = values[: start + dataset.config.past]
        for ahead in range(dataset.config.future):
            true = values[len(known) + ahead]
            latest = len(known) + ahead - season
            while latest >= len(known):
                latest -= season
            errors["naive"].append((known[-1] - true) ** 2)
            errors["seasonal_naive"].append((known[latest] - true) ** 2)
    for name, squared in errors.items():
        assert dataset.rivals()[f"{name}/test/loss"] == pytest.approx(np.mean(squared) / deviation**2)


def test_the_sunspots_of_some_years() -> None:
    values = made(Sunspots).values_M
    assert len(values) == 309 and values[:3].tolist() == [5, 11, 16] and values[1957 - 1700] == 190.2


def test_months_without_a_sample_lie_between_their_neighbours() -> None:
    values = made(CO2).values_M
    assert len(values) == 526 and np.isfinite(values).all()
    rows = "date,co2\n20000108,10\n20000115,20\n20000401,30\n20000303,\n"
    assert CO2(CO2.Config(name="co2")).values(rows).tolist() == [15, 20, 25, 30]


def test_what_is_too_long_is_refused() -> None:
    with pytest.raises(RequestError, match=r"data.past = 33, data.future = 60: the val part has 47 values"):
        made(Sunspots, future=60)
