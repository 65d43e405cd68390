"""One layer there and back: what it computes, how long it takes beside others, and how much memory it needs.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

import ctypes
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from rnnlab.config import registry
from rnnlab.config.schema import require
from rnnlab.models.backends import Backend, run_cell
from rnnlab.models.cells.base import Cell

WARM_UP = 1
"""Rounds that are not counted."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What every layer of one shape is given: x_BTD, and the weights of its outputs in the loss."""

    x_BTD: Tensor
    weight_BTH: Tensor

    def double(self) -> Problem:
        """The same in float64."""
        return Problem(self.x_BTD.detach().double().requires_grad_(), self.weight_BTH.double())


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a layer and of its input: T, B, D, H."""

    steps: int
    rows: int
    inputs: int
    units: int

    @classmethod
    def parse(cls, text: str) -> Shape:
        """From ``64x32x64x256``. RequestError for anything but four whole numbers of at least one."""
        parts = text.split("x")
        right = len(parts) == 4 and all(part.isdecimal() and int(part) >= 1 for part in parts)
        require(right, "--shapes", text, "each must be TxBxDxH, steps, rows, inputs and units, as in 64x32x64x256")
        return cls(*map(int, parts))

    def __str__(self) -> str:
        return f"{self.steps}x{self.rows}x{self.inputs}x{self.units}"

    def problem(self, device: torch.device) -> Problem:
        x_BTD = torch.randn(self.rows, self.steps, self.inputs, device=device, requires_grad=True)
        return Problem(x_BTD, torch.randn(self.rows, self.steps, self.units, device=device))

    def cell(self, name: str, device: torch.device) -> Cell:
        config = registry.component("cell", name).Config(name=name, hidden_size=self.units)
        cell: Cell = registry.build("cell", config, self.inputs)
        return cell.to(device)


@dataclass(frozen=True, slots=True)
class Pass:
    """A layer on a problem. ``forward``: x_BTD -> y_BTH."""

    forward: Callable[[Tensor], Tensor]
    parameters: list[nn.Parameter]
    problem: Problem

    def __call__(self) -> list[Tensor]:
        """y_BTH, and the gradients of x_BTD and of every parameter."""
        y_BTH = self.forward(self.problem.x_BTD)
        loss = (y_BTH * self.problem.weight_BTH).sum()
        wanted = [self.problem.x_BTD, *self.parameters]
        return [y_BTH.detach(), *torch.autograd.grad(loss, wanted, allow_unused=True, materialize_grads=True)]


def cell_pass(cell: Cell, backend: Backend, problem: Problem) -> Pass:
    """A cell of ours on one backend, from its initial state."""

    def forward(x_BTD: Tensor) -> Tensor:
        return run_cell(cell, x_BTD, cell.initial_state(len(x_BTD)), cell.weights(), backend)[0]

    return Pass(forward, list(cell.parameters()), problem)


def torch_pass(kind: Callable[..., nn.Module], problem: Problem) -> Pass:
    """A layer of torch.nn."""
    D, H = problem.x_BTD.shape[-1], problem.weight_BTH.shape[-1]
    layer = kind(D, H, batch_first=True, device=problem.x_BTD.device)
    return Pass(lambda x_BTD: layer(x_BTD)[0], list(layer.parameters()), problem)


def in_rounds(passes: Sequence[Pass], at_least: int, seconds: float) -> list[list[float]]:
    """Seconds of each pass in each round: all in turn, beginning with another one each time.

    There are ``at_least`` so many rounds, and more until so many seconds are over.
    """
    rounds: list[list[float]] = []
    began = time.perf_counter()
    while len(rounds) < WARM_UP + at_least or time.perf_counter() - began < seconds:
        first = len(rounds) % len(passes)
        turns = [*range(first, len(passes)), *range(first)]
        times = {turn: seconds_of(passes[turn]) for turn in turns}
        rounds.append([times[turn] for turn in range(len(passes))])
    return rounds[WARM_UP:]


def seconds_of(layer: Pass) -> float:
    """One pass, to the end of what it started on a GPU."""
    wait(layer)
    began = time.perf_counter()
    layer()
    wait(layer)
    return time.perf_counter() - began


def wait(layer: Pass) -> None:
    if layer.problem.x_BTD.is_cuda:
        torch.cuda.synchronize(layer.problem.x_BTD.device)


def peak_bytes(layer: Pass) -> int | None:
    """The most memory that one pass needs beside what was there before; None where that cannot be known.

    On a GPU what torch allocated. On the CPU how far the process's resident memory grew, after all that is
    free was given back to the system: so it holds whatever a kernel allocates for itself, and what torch and
    Python need to remember each step, but not what was allocated and never touched.
    """
    device = layer.problem.x_BTD.device
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        layer()
        return torch.cuda.max_memory_allocated(device) - before
    try:
        ctypes.CDLL(None).malloc_trim(0)
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
    except (AttributeError, OSError):  # another C library or system, or a locked container
        return None
    before = _resident("VmRSS")
    layer()
    return max(0, _resident("VmHWM") - before)


def held_bytes(layer: Pass) -> int:
    """What torch keeps of a GPU's memory between passes, CUDA graphs' own included; 0 on the CPU."""
    if not layer.problem.x_BTD.is_cuda:
        return 0
    wait(layer)
    torch.cuda.empty_cache()
    return torch.cuda.memory_reserved(layer.problem.x_BTD.device)


def _resident(which: str) -> int:
    """VmRSS: bytes in memory now; VmHWM: the most so far."""
    found = re.search(rf"^{which}:\s*(\d+) kB$", Path("/proc/self/status").read_text(), re.MULTILINE)
    assert found is not None, f"/proc/self/status has no {which}"
    return 1024 * int(found[1])


def apart(ours: Tensor, wanted: Tensor) -> float:
    """The largest difference, over the largest value where that is above one; infinite for what is no number."""
    scale = max(1.0, float(wanted.abs().max()))
    return float((ours - wanted).abs().nan_to_num(nan=torch.inf, posinf=torch.inf).max()) / scale
