"""The formula that searches are compared on: where it is lowest, how high it gets, and that its curves cross."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar

from rnnlab.bench.surrogate import CELLS, MINIMUM, SPACE, START, Configuration, loss, value

WORST = Configuration("elman", 16, 4, dropout=0.5, window=256, rate=0.1)
BEST = Configuration("lstm", 256, 2, dropout=0.15, window=128, rate=10**-2.7, forget_bias=1.0)
configurations = st.builds(
    Configuration,
    cell=st.sampled_from(sorted(CELLS)),
    hidden_size=st.integers(16, 512),
    depth=st.integers(1, 4),
    dropout=st.floats(0, 0.5),
    window=st.sampled_from([8, 16, 32, 64, 128, 256]),
    rate=st.floats(-4, -1).map(lambda x: 10**x),
    forget_bias=st.floats(-1, 4),
)


def test_the_minimum_is_known() -> None:
    assert loss(BEST) == pytest.approx(MINIMUM, abs=1e-12)


@example(WORST)
@given(configurations)
def test_nothing_is_below_it_nor_above_the_start(configuration: Configuration) -> None:
    assert MINIMUM - 1e-12 <= loss(configuration) < START


@example(WORST)
@given(configurations)
def test_a_learning_curve_falls_from_the_start_to_the_loss(configuration: Configuration) -> None:
    curve = [value(configuration, place / 20) for place in range(21)]
    assert curve[0] == pytest.approx(START) and curve[-1] == pytest.approx(loss(configuration))
    assert curve == sorted(curve, reverse=True)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_the_best_rate_falls_with_size_and_depth(cell: str) -> None:
    def best(hidden_size: int, depth: int) -> float:
        at = replace(BEST, cell=cell, hidden_size=hidden_size, depth=depth)
        return minimize_scalar(lambda x: loss(replace(at, rate=10**x)), bounds=(-4, -1), method="bounded").x

    assert best(64, 1) == pytest.approx(CELLS[cell].centre, abs=1e-4)
    assert best(512, 1) == pytest.approx(CELLS[cell].centre - 0.6, abs=1e-4)
    assert best(64, 4) == pytest.approx(CELLS[cell].centre - 0.3, abs=1e-4)


def test_an_elman_network_falls_off_a_cliff_and_others_do_not() -> None:
    low, high = (replace(BEST, rate=rate) for rate in (3e-3, 3e-2))
    elman = [loss(replace(each, cell="elman")) for each in (low, high)]
    assert elman[1] - elman[0] > 1.4
    assert abs(loss(replace(high, cell="gru")) - loss(replace(low, cell="gru"))) < 0.5


def test_units_help_less_and_less() -> None:
    losses = [loss(replace(BEST, hidden_size=64 * 2**k, dropout=0.05 * (k + 1), rate=10 ** (-2.3 - 0.2 * k)))
              for k in range(-2, 4)]  # fmt: skip
    gains = [before - after for before, after in zip(losses, losses[1:], strict=False)]
    assert gains == sorted(gains, reverse=True) and gains[-1] < 0


def test_only_an_lstm_has_a_forget_bias() -> None:
    for cell in CELLS:
        differs = loss(replace(BEST, cell=cell, forget_bias=3.0)) != loss(replace(BEST, cell=cell))
        assert differs == (cell == "lstm")


def test_a_rate_that_is_too_high_leads_at_first() -> None:
    eager = replace(BEST, rate=10**-1.7)
    assert value(eager, 0.05) < value(BEST, 0.05) and value(eager, 1) > value(BEST, 1)


def test_a_trial_of_the_space_is_a_configuration() -> None:
    from rnnlab.sweep.base import Sampler
    from rnnlab.sweep.samplers import candidates
    from rnnlab.sweep.space import parse

    space = parse(list(SPACE), lambda group: [])
    for varied in candidates(space, Sampler.qmc, 0, 4):
        assert math.isfinite(loss(Configuration.of(varied)))
