"""Variational dropout and DropConnect: masks that last, travel in the state, and are drawn anew where a row begins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.masks import drawn
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
every_cell = pytest.mark.parametrize("name", registry.names("cell"))
VARIATIONAL: dict[str, Any] = {"variational": True, "dropout": 0.4}
DROP_CONNECT: dict[str, Any] = {"drop_connect": 0.4}


@pytest.fixture
def x_BTD() -> Tensor:
    return torch.randn(3, 6, 3, dtype=torch.float64)


def same_rows(first: Tensor, second: Tensor) -> list[bool]:
    return [torch.equal(a, b) for a, b in zip(first, second, strict=True)]


def test_a_mask_has_mean_one() -> None:
    mask = drawn(torch.empty(0, dtype=torch.float64), (400, 400), 0.3)
    assert set(mask.unique().tolist()) == {0.0, 1 / 0.7}
    assert mask.mean().item() == pytest.approx(1, abs=4 * (0.3 / 0.7) ** 0.5 / 400)


@every_cell
def test_a_row_loses_the_same_units_at_all_steps_and_windows(name: str, make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack(name, hidden_size=16, stack=VARIATIONAL).train()
    whole = stack.eval()(x_BTD)[0]
    stack.train()
    first, state = stack(x_BTD[:, :4])
    second, after = stack(x_BTD[:, 4:], state)
    mask_BH = state[0][-1]
    assert torch.equal(after[0][-1], mask_BH), "the mask goes on with the stream"
    wanted = whole * mask_BH[:, None]
    torch.testing.assert_close(torch.cat([first, second], dim=1), wanted, rtol=0, atol=1e-12)
    assert len({tuple(row.tolist()) for row in mask_BH}) == 3, "each row has a mask of its own"


@pytest.mark.parametrize("backend", ["native", "loop"])
def test_a_reset_row_gets_a_new_mask_and_no_other_does(backend: str, make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack("lstm", hidden_size=32, depth=2, backend=backend, stack=VARIATIONAL).train()
    _, state = stack(x_BTD)
    reset = torch.zeros(3, 6, dtype=torch.bool)
    reset[1, 3] = True
    y_BTH, after = stack(x_BTD, state, reset)
    for before, now in zip(state, after, strict=True):
        assert same_rows(before[-1], now[-1]) == [True, False, True]
    zero = y_BTH == 0
    for row, t, old in ((0, 5, True), (1, 2, True), (1, 3, False), (1, 5, False), (2, 5, True)):
        assert torch.equal(zero[row, t], (state[1] if old else after[1])[-1][row] == 0)


def test_a_new_stream_draws_new_masks(make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack("lstm", hidden_size=16, stack={**VARIATIONAL, **DROP_CONNECT}).train()
    (first,), (second,) = stack(x_BTD)[1], stack(x_BTD)[1]
    assert [part.shape for part in first[2:]] == [(3, 16), (64, 16)]
    for ours, theirs in zip(first[2:], second[2:], strict=True):
        assert not torch.equal(ours, theirs)


@pytest.mark.parametrize("name", ["lstm", "gru", "elman"])
def test_dropped_weights_are_those_of_a_cell_without_them(name: str, make_stack: MakeStack, x_BTD: Tensor) -> None:
    """The other weights are scaled up; the same ones are missing in the windows that follow, and after a reset."""
    stack = make_stack(name, stack=DROP_CONNECT).train()
    reset = torch.zeros(3, 2, dtype=torch.bool)
    reset[1, 0] = True
    first, state = stack(x_BTD[:, :4])
    second, after = stack(x_BTD[:, 4:], state, reset)
    mask_GH = state[0][-1]
    assert torch.equal(after[0][-1], mask_GH)
    assert (mask_GH == 0).any()
    bare = make_stack(name)
    bare.load_state_dict(stack.state_dict())
    (matrix,) = [n for n, w in vars(next(bare.layers()).weights()).items() if w.dim() == 2]
    with torch.no_grad():
        getattr(bare.cells[0], matrix).mul_(mask_GH)
    wanted, between = bare(x_BTD[:, :4])
    torch.testing.assert_close(first, wanted, rtol=0, atol=1e-13)
    torch.testing.assert_close(second, bare(x_BTD[:, 4:], between, reset)[0], rtol=0, atol=1e-13)


def test_dropped_weights_have_no_gradient(make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack("lstm", stack=DROP_CONNECT).train()
    y_BTH, state = stack(x_BTD)
    y_BTH.square().sum().backward()
    gradient_GH = stack.cells[0].R_GH.grad
    assert torch.equal(gradient_GH == 0, state[0][-1] == 0)


def test_training_and_evaluation_go_on_from_each_other(make_stack: MakeStack, x_BTD: Tensor) -> None:
    """Evaluation has no masks: it drops those it is given, and training draws those that are missing."""
    stack = make_stack("lstm", depth=2, stack={**VARIATIONAL, **DROP_CONNECT})
    bare = make_stack("lstm", depth=2)
    _, trained = stack.train()(x_BTD)
    output, evaluated = stack.eval()(x_BTD, trained)
    assert torch.equal(output, bare(x_BTD, tuple(layer[:2] for layer in trained))[0])
    assert [len(layer) for layer in evaluated] == [2, 2]
    _, again = stack.train()(x_BTD, evaluated)
    assert [len(layer) for layer in again] == [4, 4]


def test_a_cell_without_recurrent_matrices(make_stack: MakeStack) -> None:
    with pytest.raises(RequestError, match=r"stack.drop_connect: cell=indrnn has no matrix .* stack.zoneout"):
        make_stack("indrnn", stack=DROP_CONNECT)
