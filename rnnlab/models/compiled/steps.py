"""The compiled program of a cell's step: found by what the cell is made of, whatever its size."""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

import torch
from torch import Tensor

from rnnlab.models.cells.base import Cell, Weights, unedited
from rnnlab.models.compiled.graphs import Step, trace_step
from rnnlab.models.compiled.program import CannotCompile, Program, program_for

EXAMPLE_ROWS, EXAMPLE_SIZE = 48, 192
"""What a step is traced and optimised with; unlike each other, so that neither is taken for the other."""
SIZES = {"name", "hidden_size", "input_start"}
"""Settings of a cell that its step cannot see."""

_programs: dict[tuple[str, torch.dtype, torch.device], Program | CannotCompile] = {}
"""Programs loaded so far in this process, and why others are not."""
_made_from: WeakKeyDictionary[Cell, str] = WeakKeyDictionary()


def compiled_steps(
    cell: Cell, device: torch.device, dtype: torch.dtype, say: Callable[[str], None] = lambda line: None
) -> Program:
    """The program for a cell's step on a device, compiled now if this machine never did. Raises CannotCompile.

    ``TORCH_COMPILE_DISABLE=1`` forbids it, as it does for all of torch.
    """
    if os.environ.get("TORCH_COMPILE_DISABLE") == "1":
        raise CannotCompile("TORCH_COMPILE_DISABLE=1 forbids it")
    what = (made_from(cell), dtype, device)
    if what not in _programs:
        try:
            _programs[what] = program_for(
                what[0], dtype, device, lambda: trace_step(*example_step(cell, device, dtype)), say
            )
        except CannotCompile as reason:
            _programs[what] = reason
    found = _programs[what]
    if isinstance(found, CannotCompile):
        raise found
    return found


def made_from(cell: Cell) -> str:
    """What tells the step of one cell from that of another: sources and settings."""
    if cell not in _made_from:
        _made_from[cell] = _described(cell)
    return _made_from[cell]


def _described(cell: Cell) -> str:
    settings = {key: value for key, value in asdict(cell.config).items() if key not in SIZES}
    classes = [f"{part.__module__}.{part.__qualname__} {sources(part)}" for part in cell.made_of()]
    return "\n".join([*classes, repr(sorted(settings.items()))])


@cache
def sources(cell_class: type[Cell]) -> str:
    """A digest of the files that a cell's equations and their compilation are written in."""
    files = {Path(__file__).parent / "graphs.py", Path(__file__).parent / "program.py"}
    for parent in inspect.getmro(cell_class):
        if issubclass(parent, Cell):
            file = Path(inspect.getfile(parent))
            files |= set(file.parent.glob("*.py")) if sys.modules[parent.__module__].__package__ else {file}
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def example_step(cell: Cell, device: torch.device, dtype: torch.dtype) -> tuple[Step, list[Tensor], int]:
    """The step as a function of tensors alone, tensors to trace it with, and where among them weights begin."""
    with torch.random.fork_rng(), torch.no_grad():
        example = cell.resized(EXAMPLE_SIZE).to(device, dtype)
        p_BG = example.project(torch.zeros(EXAMPLE_ROWS, 1, cell.input_size, device=device, dtype=dtype))[:, 0]
        state, w = example.initial_state(EXAMPLE_ROWS), example.weights()
    inputs = [p_BG, *state, *numbers_as_tensors(w, p_BG)]
    return step_of_tensors(example, len(state), list(vars(w))), inputs, 1 + len(state)


def step_of_tensors(cell: Cell, parts: int, names: Sequence[str]) -> Step:
    """A cell's step as (p_BG, parts of the state, weights of these names) -> (h_BH, parts of the next state)."""

    def step(p_BG: Tensor, *rest: Tensor) -> tuple[Tensor, ...]:
        weights = Weights(**dict(zip(names, rest[parts:], strict=True)))
        h_BH, after = cell.step(p_BG, rest[:parts], weights, unedited)
        return (h_BH, *after)

    return step


def numbers_as_tensors(w: Weights, like: Tensor) -> list[Tensor]:
    """The weights of a step in their order, plain numbers among them as tensors without a dimension."""
    return [
        (value if isinstance(value, Tensor) else like.new_tensor(value)).to(like.dtype) for value in vars(w).values()
    ]
