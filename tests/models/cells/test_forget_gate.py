"""How the bias of a forget gate starts, and the recipes that stand on it."""

from __future__ import annotations

import math

import pytest
import torch

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell, InputStart, fan_in_uniform, uniform_parameter
from rnnlab.models.cells.lstm import LSTM

STEPS = 100


def biases(cell: Cell) -> dict[str, torch.Tensor]:
    found = {letter[2:]: value for letter, value in cell.symbols().items() if letter.startswith("b_")}
    return {gate: value.detach() for gate, value in found.items()}


@pytest.mark.parametrize("name", ["lstm", "peephole_lstm", "cifg", "nfg", "layer_norm_lstm", "multiplicative_lstm"])
def test_chrono_spreads_the_times_of_forgetting_evenly(name: str) -> None:
    """Tallec & Ollivier 2018: b_f = log U(1, T - 1), b_i = -b_f, the others zero."""
    torch.manual_seed(0)
    cell_class = registry.component("cell", name)
    start = biases(cell_class(cell_class.Config(hidden_size=2000, chrono_steps=STEPS), 2))
    for gate, sign in {"f": 1, "i": -1}.items():
        if gate in start:
            times = (sign * start[gate]).exp()
            assert 1 <= times.min() < 2 and STEPS - 2 < times.max() <= STEPS - 1
            assert abs(times.mean() / (STEPS / 2) - 1) < 0.05
            assert abs(times.std() / ((STEPS - 2) / math.sqrt(12)) - 1) < 0.05
    if {"i", "f"} <= set(start):
        assert torch.equal(start["i"], -start["f"])
    assert not start["g"].any() and not start["o"].any()


def test_without_chrono_nothing_is_drawn_for_biases() -> None:
    """The default LSTM draws W and R and nothing else: a run's numbers do not depend on this choice being there."""
    torch.manual_seed(0)
    cell = LSTM(LSTM.Config(hidden_size=6), 3)
    after = torch.get_rng_state()
    torch.manual_seed(0)
    assert torch.equal(cell.W_GD, fan_in_uniform(torch.empty(24, 3)))
    assert torch.equal(cell.R_GH, uniform_parameter(24, 6, hidden_size=6))
    assert torch.equal(torch.get_rng_state(), after)


@pytest.mark.parametrize("steps", [1, 0, -5])
def test_a_dependency_spans_two_steps_at_least(steps: int) -> None:
    with pytest.raises(RequestError, match=rf"^cell.chrono_steps = {steps}: it must be at least 2, or null$"):
        LSTM.Config(chrono_steps=steps)


def test_the_recipes_are_the_lstm_with_another_start() -> None:
    chrono, open_gate, as_torch = (
        compose([f"cell={name}"]).experiment.cell for name in ("chrono", "forget_bias_1", "lstm_torch")
    )
    assert isinstance(chrono, LSTM.Config) and chrono.chrono_steps == 784
    assert isinstance(open_gate, LSTM.Config) and open_gate.forget_bias == 1 and open_gate.chrono_steps is None
    assert isinstance(as_torch, LSTM.Config) and as_torch.forget_bias == 0
    assert as_torch.input_start is InputStart.torch
