"""Operations against counts by hand, and memory against what a step of the LSTM is known to keep."""

from __future__ import annotations

import pytest
import torch

from rnnlab.config import registry
from rnnlab.describe.costs import bytes_kept, elementwise, operations
from rnnlab.models.cells.base import Cell
from rnnlab.models.equations import equations_of, read_equation


def make(name: str, H: int, D: int) -> Cell:
    cell_class = registry.component("cell", name)
    return cell_class(cell_class.Config(name=name, hidden_size=H), D)


def test_operations_of_the_lstm_by_hand() -> None:
    H, D = 7, 5
    found = operations(make("lstm", H, D), equations_of(registry.component("cell", "lstm")))
    assert found.products == 2 * 4 * H * (D + H)
    gates = 4 * 3  # two additions and a function each
    assert found.elementwise == H * (gates + 3 + 2)  # c: two products and a sum; h: tanh and a product
    assert found.total == found.products + found.elementwise


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("h_t = tanh(W x_t + b)", 2),
        ("h_t = (1 - z_t) * n_t + z_t * h_(t-1)", 4),
        ("h_t = -x_t / 2 ^ 2", 2),
        ("h_t = (1 - gamma) * x_t", 1),
        ("h_t = norm(x_t)", 5),
        ("h_t = max(x_t, h_(t-1)) ^ 2", 2),
    ],
)
def test_elementwise_operations_of_an_equation(line: str, count: int) -> None:
    assert elementwise(read_equation(line).right) == count


def test_what_a_step_of_the_lstm_keeps() -> None:
    """Four gates, c, tanh(c) and h of H numbers; and the input, for the gradient of its weights."""
    H, D = 24, 10
    assert bytes_kept(make("lstm", H, D)) == 4 * (7 * H + D)


@pytest.mark.parametrize("name", registry.names("cell"))
def test_memory_is_measured_and_grows_with_the_units(name: str) -> None:
    small, large = bytes_kept(make(name, 8, 4)), bytes_kept(make(name, 16, 4))
    assert 0 < small < large


def test_measuring_leaves_no_trace() -> None:
    cell = make("gru", 4, 3)
    before = {name: value.clone() for name, value in cell.state_dict().items()}
    bytes_kept(cell)
    operations(cell, equations_of(type(cell)))
    assert all(torch.equal(before[name], value) for name, value in cell.state_dict().items())
    assert all(parameter.grad is None for parameter in cell.parameters())
