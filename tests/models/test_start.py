"""Learned initial states, and cells whose states do not fit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell, Edit, State, Weights
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
every_cell = pytest.mark.parametrize("name", registry.names("cell"))
LEARNED = {"learned_state": True}


def zeros(stack: Stack, rows: int) -> tuple[State, ...]:
    return tuple(tuple(torch.zeros_like(part) for part in layer) for layer in stack.initial_state(rows))


@every_cell
def test_it_begins_as_the_cell_does_and_is_every_row_s(name: str) -> None:
    cell = registry.build("cell", registry.component("cell", name).Config(name=name, hidden_size=4), 3)
    stack = Stack(Stack.Config(dropout=0.0, learned_state=True), [cell])
    for ours, own in zip(stack.initial_state(3)[0], cell.initial_state(3), strict=True):
        assert torch.equal(ours, own)
    assert [p.shape for p in stack.starts[0].values()] == [(4,)] * len(cell.state_names)


@every_cell
def test_it_is_where_rows_begin_and_begin_again(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=2, stack=LEARNED)
    x_BTD = torch.randn(2, 5, 3, dtype=torch.float64)
    reset = torch.zeros(2, 5, dtype=torch.bool)
    reset[1, 2] = True
    y_BTH, _ = stack(x_BTD, None, reset)
    torch.testing.assert_close(y_BTH[:1], stack(x_BTD[:1], stack.initial_state(1))[0], rtol=0, atol=1e-13)
    torch.testing.assert_close(y_BTH[1:, 2:], stack(x_BTD[1:, 2:])[0], rtol=0, atol=1e-13)
    assert not torch.equal(y_BTH[:1], stack(x_BTD[:1], zeros(stack, 1))[0])


@pytest.mark.parametrize("name", ["lstm", "gru", "elman"])
@pytest.mark.parametrize("backend", ["native", "loop"])
def test_its_gradient_is_that_of_finite_differences(name: str, backend: str, make_stack: MakeStack) -> None:
    """Through the beginning of every row, and through a reset."""
    stack = make_stack(name, depth=2, backend=backend, stack=LEARNED)
    x_BTD, reset = torch.randn(2, 5, 3, dtype=torch.float64), torch.zeros(2, 5, dtype=torch.bool)
    reset[0, 3] = True
    weight = torch.randn(2, 5, 5, dtype=torch.float64)

    def loss() -> Tensor:
        return (stack(x_BTD, None, reset)[0] * weight).sum()

    loss().backward()
    for part in stack.starts.parameters():
        direction, size = torch.randn_like(part), 1e-5
        around = []
        for sign in (1, -1):
            with torch.no_grad():
                part.add_(sign * size * direction)
                around.append(loss().item())
                part.sub_(sign * size * direction)
        along = float((part.grad * direction).sum())
        assert along == pytest.approx((around[0] - around[1]) / (2 * size), rel=1e-6, abs=1e-8)


class Misshapen(Cell):
    """Its step returns a state of ``parts`` parts, the last of them ``width`` wide."""

    names = ("h", "c")
    state_names = ("h", "c")
    parts = 2
    width = 4

    def __init__(self, config: Cell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        self.W_HD = nn.Parameter(torch.randn(self.hidden_size, input_size))

    @classmethod
    def parameter_count(cls, config: Cell.Config, input_size: int) -> int:
        return input_size * config.hidden_size

    def project(self, x_BTD: Tensor) -> Tensor:
        return x_BTD @ self.W_HD.T

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH = edit("h", torch.tanh(p_BG))
        after = (h_BH, edit("c", h_BH.new_zeros(len(h_BH), self.width)))
        return h_BH, after[: self.parts]


def test_a_state_of_another_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Misshapen, "width", 3)
    with pytest.raises(RequestError, match=r"cell=odd: a step returns c with shape \(2, 3\), .* \(2, 4\); both must"):
        Stack(Stack.Config(), [Misshapen(Cell.Config(name="odd", hidden_size=4), 3)])


def test_a_state_of_other_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Misshapen, "parts", 1)
    with pytest.raises(RequestError, match=r"cell=odd: a step returns 1 parts of a state, state_names has h, c"):
        Stack(Stack.Config(), [Misshapen(Cell.Config(name="odd", hidden_size=4), 3)])


def test_a_state_as_it_must_be() -> None:
    Stack(Stack.Config(), [Misshapen(Cell.Config(name="even", hidden_size=4), 3)])
