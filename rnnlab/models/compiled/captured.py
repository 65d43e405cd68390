"""On a GPU: the whole time loop, there and back, captured once for each shape and replayed as one CUDA graph.

A loop of small kernels waits for the CPU to launch them; a captured one does not. A captured loop owns
its memory, so one that waits for its way back must not be replayed: each call borrows an idle one.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import torch
from torch import Tensor

from rnnlab.models.cells.base import Cell, State, Weights
from rnnlab.models.compiled.steps import made_from, numbers_as_tensors, step_of_tensors

Loop = Callable[..., tuple[Tensor, ...]]
"""(p_TBG, parts of the state, weights) -> (y_BTH, parts of the last state)."""

AT_ONCE = 4
"""Captured loops of one shape. Where more wait for their way back, the loop runs as it is."""
SHAPES = 16
"""Shapes for which loops are captured in a process. Stretches between resets may have any length."""

_idle: dict[tuple[Any, ...], list[Loop]] = {}
_captured: dict[tuple[Any, ...], int] = {}


def forget_captured() -> None:
    """Give back every captured loop that is idle, with its memory; the next call captures anew."""
    _idle.clear()
    _captured.clear()


def run_captured(cell: Cell, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
    """The same as the loop, launched at once: y_BTH and the last state. Derivatives of first order only."""
    p_TBG = cell.project_over_time(x_BTD).to(state[0].dtype)
    inputs = [p_TBG, *state, *numbers_as_tensors(w, p_TBG)]

    step = step_of_tensors(cell, len(state), list(vars(w)))

    def loop(p_TBG: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        parts, weights, outputs = list(rest[: len(state)]), rest[len(state) :], []
        for p_BG in p_TBG.unbind(0):
            h_BH, *parts = step(p_BG, *parts, *weights)
            outputs.append(h_BH)
        return (torch.stack(outputs, dim=1), *parts)

    with torch.autocast("cuda", enabled=False):
        y_BTH, *after = replayed(made_from(cell), loop, inputs)
    return y_BTH, tuple(after)


def replayed(kind: str, loop: Loop, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """What ``loop`` gives for ``inputs``, by a captured one of the same kind and shapes where one is idle."""
    learning = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in inputs)
    shapes = tuple((tensor.shape, tensor.dtype, tensor.requires_grad and learning) for tensor in inputs)
    key = (kind, inputs[0].device, shapes)
    idle = _idle.setdefault(key, [])
    if not idle:
        count = _captured.get(key, 0)
        if count >= AT_ONCE or (count == 0 and len(_captured) >= SHAPES):
            return loop(*inputs)
        idle.append(capture(loop, inputs) if learning else capture_there(loop, inputs))
        _captured[key] = count + 1
    borrowed = Borrowed(idle)
    outputs = borrowed.loop(*(own_gradient(tensor) for tensor in inputs) if learning else inputs)
    if learning:
        node: Any = outputs[0].grad_fn
        node.borrowed = borrowed  # given back when the graph of this call is gone
    return tuple(output.clone() for output in outputs)


class Borrowed:
    """A captured loop taken from the idle ones, for as long as this object lives."""

    def __init__(self, idle: list[Loop]) -> None:
        self.idle = idle
        self.loop = idle.pop()

    def __del__(self) -> None:
        self.idle.append(self.loop)


def own_gradient(tensor: Tensor) -> Tensor:
    """The same tensor, whose gradient is a copy: a captured loop overwrites its own at the next replay."""
    if not tensor.requires_grad:
        return tensor
    passed = tensor.view_as(tensor)
    passed.register_hook(lambda gradient: gradient.clone())
    return passed


def capture(loop: Loop, inputs: Sequence[Tensor]) -> Loop:
    """``loop`` and its way back as CUDA graphs, for inputs of these shapes."""
    examples = tuple(tensor.detach().clone().requires_grad_(tensor.requires_grad) for tensor in inputs)
    captured: Any = torch.cuda.make_graphed_callables(loop, examples, allow_unused_input=True)
    return cast(Loop, captured)


def capture_there(loop: Loop, inputs: Sequence[Tensor]) -> Loop:
    """``loop`` alone as a CUDA graph, where nothing is learned."""
    held = [tensor.detach().clone() for tensor in inputs]
    with torch.no_grad():
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            loop(*held)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            outputs = loop(*held)

    def replay(*inputs: Tensor) -> tuple[Tensor, ...]:
        for place, tensor in zip(held, inputs, strict=True):
            place.copy_(tensor)
        graph.replay()
        return outputs

    return replay
