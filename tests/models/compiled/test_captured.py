"""Captured loops: who may use one and when; on a GPU, that they give what the loop gives."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence

import pytest
import torch
from torch import Tensor

from rnnlab.models.backends import run_loop
from rnnlab.models.cells.base import Cell
from rnnlab.models.compiled import captured
from rnnlab.models.compiled.captured import AT_ONCE, SHAPES, Loop, forget_captured, replayed, run_captured

on_a_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="torch sees no GPU on this machine")


@pytest.fixture
def captures(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What was captured, by stand-ins that run the loop as it is."""
    made: list[str] = []

    def capture(loop: Loop, inputs: Sequence[Tensor]) -> Loop:
        made.append("there and back")
        return through(loop)

    def capture_there(loop: Loop, inputs: Sequence[Tensor]) -> Loop:
        made.append("there")
        return loop

    monkeypatch.setattr(captured, "capture", capture)
    monkeypatch.setattr(captured, "capture_there", capture_there)
    forget_captured()
    yield made
    forget_captured()


def through(loop: Loop) -> Loop:
    """The loop behind a Function of Python, as torch makes a captured one."""

    class Whole(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
            ctx.save_for_backward(x)
            return loop(x)[0].detach()

        @staticmethod
        def backward(ctx, gradient: Tensor) -> Tensor:  # type: ignore[no-untyped-def]
            return 2 * ctx.saved_tensors[0] * gradient

    return lambda x: (Whole.apply(x),)


def square(x: Tensor) -> tuple[Tensor, ...]:
    return (x * x,)


def test_one_is_used_again_once_its_way_back_is_done(captures: list[str]) -> None:
    x = torch.tensor([3.0], requires_grad=True)
    for _ in range(3):
        (y,) = replayed("square", square, [x])
        (gradient,) = torch.autograd.grad(y.sum(), [x])
        assert float(gradient) == 6.0
        del y
        gc.collect()
    assert captures == ["there and back"]


def test_one_that_waits_for_its_way_back_is_left_alone(captures: list[str]) -> None:
    x = torch.tensor([3.0], requires_grad=True)
    waiting = [replayed("square", square, [x])[0] for _ in range(AT_ONCE + 2)]
    assert len(captures) == AT_ONCE, "where all wait, the loop runs as it is"
    (gradient,) = torch.autograd.grad(sum(y.sum() for y in waiting), [x])
    assert float(gradient) == 6.0 * len(waiting)


def test_a_shape_without_learning_is_captured_one_way(captures: list[str]) -> None:
    x = torch.tensor([3.0], requires_grad=True)
    with torch.no_grad():
        first, second = (replayed("square", square, [x])[0] for _ in range(2))
    assert captures == ["there"]
    assert first.data_ptr() != second.data_ptr(), "a result stays when the loop is replayed"


def test_shapes_beyond_the_limit_run_as_they_are(captures: list[str]) -> None:
    for size in range(1, SHAPES + 4):
        assert torch.equal(replayed("square", square, [torch.ones(size)])[0], torch.ones(size))
    assert len(captures) == SHAPES


@pytest.mark.filterwarnings("ignore:User provided device_type of 'cuda'")
@pytest.mark.parametrize("name", ["mgu", "peephole_lstm", "lru"])
def test_what_is_captured_is_the_loop(name: str, make_cell: Callable[..., Cell], captures: list[str]) -> None:
    cell, x_BTD = make_cell(name), torch.randn(2, 6, 3)
    state = tuple(torch.rand_like(part) for part in cell.initial_state(2))
    with torch.no_grad():
        y_BTH, after = run_captured(cell, x_BTD, state, cell.weights())
        wanted, last = run_loop(cell, x_BTD, state, cell.weights())
    assert captures == ["there"]
    for ours, theirs in zip((y_BTH, *after), (wanted, *last), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-6, atol=1e-6)


@on_a_gpu
@pytest.mark.parametrize("name", ["mgu", "peephole_lstm", "lru"])
def test_captured_is_the_loop(name: str, make_cell: Callable[..., Cell]) -> None:
    cell = make_cell(name, hidden_size=16).cuda()
    windows = [torch.randn(4, 9, 3, device="cuda") for _ in range(2)]
    for _ in range(3):
        found = []
        for run in (run_captured, run_loop):
            results = [run(cell, x_BTD, cell.initial_state(4), cell.weights())[0] for x_BTD in windows]
            loss = sum((y_BTH**2).sum() for y_BTH in results)
            found.append([*results, *torch.autograd.grad(loss, list(cell.parameters()))])
        for ours, wanted in zip(*found, strict=True):
            torch.testing.assert_close(ours, wanted, rtol=1e-4, atol=1e-5)
