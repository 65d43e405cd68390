"""A trained model for programs that do not have rnnlab: plain weights, their meaning, and a program.

    weights.safetensors   every weight by name
    config.json           the run's configuration, its symbols, names and shapes of inputs and outputs
    model.pt2             a torch.export program: torch.export.load("model.pt2").module()

The program of a language model takes one step: (symbols (B, 1), state parts (B, H) ...) to
(logits (B, 1, V), state parts ...). So it serves any length of text; rows B are free. The program of
a classifier takes whole sequences of the data's longest length. That of an encoder and decoder
takes such sequences with the valid steps of each, (symbols (B, S), lengths (B,)), or pictures (B, C, H, W),
and writes greedily: (logits (B, U, V)) over ``target_symbols``, the first of which ends what is written.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from copy import deepcopy
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError, WorkError
from rnnlab.models.backends import Backend
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.rerun import LoadedModel
from rnnlab.training.record import plain

TRACED_ROWS = 2
"""Any number above 1 leaves the number of rows free: torch.export treats 0 and 1 as constants."""


class Stateless(nn.Module):
    """The model with its state as plain inputs and outputs, one tensor for each part of each layer."""

    def __init__(self, model: Task) -> None:
        super().__init__()
        self.model = in_plain_operations(model)
        self.parts = [len(cell.state_names) for cell in model.stack.layers()]

    def forward(self, inputs: Tensor, *state: Tensor) -> tuple[Tensor, ...]:
        left = iter(state)
        layers = tuple(tuple(next(left) for _ in range(parts)) for parts in self.parts)
        logits, after = self.model(inputs, layers)
        return (logits, *(part for layer in after for part in layer))


class Writing(nn.Module):
    """A model that decodes: it has no state to be given, since it starts from what its encoder reads."""

    def __init__(self, model: Task) -> None:
        super().__init__()
        self.model = in_plain_operations(model)

    def forward(self, inputs: Tensor, lengths: Tensor | None = None) -> Tensor:
        logits_BUV: Tensor = self.model(inputs, lengths=lengths)[0]
        return logits_BUV


def in_plain_operations(model: Task) -> Task:
    """A copy whose steps are the loop's, which every runtime has."""
    plainer = deepcopy(model)
    for part in plainer.modules():
        if isinstance(part, Stack):
            part.backend = Backend.loop
    return plainer


def export(loaded: LoadedModel, target: Path) -> dict[str, Any]:
    """Write the three files into the new folder ``target``; returns what config.json says.

    RequestError where ``target`` is there already; it appears whole or not at all.
    """
    from safetensors.torch import save_file

    if target.exists():
        raise RequestError(f"--to {target}: is there already; nothing is overwritten")
    program, description = exported_program(loaded.model, loaded.spec)
    description |= {"run": loaded.run_id, "experiment": plain(loaded.experiment)}
    spec = loaded.spec
    description |= {"unit": spec.unit, "symbols": list(spec.symbols), "target_symbols": list(spec.target_symbols)}
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise RequestError(f"--to {target}: cannot be written ({error.strerror})") from error
    try:
        save_file(
            {name: weight.contiguous() for name, weight in own_weights(loaded.model)},
            beside / "weights.safetensors",
        )
        torch.export.save(program, beside / "model.pt2")
        (beside / "config.json").write_text(json.dumps(description, indent=2, ensure_ascii=False), encoding="utf-8")
        beside.chmod(0o755)
        os.rename(beside, target)
    except OSError as error:
        raise WorkError(f"--to {target}: could not be written ({error.strerror})") from error
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return description


def own_weights(model: Task) -> list[tuple[str, Tensor]]:
    """Every weight once: tied ones are named once, by their first name."""
    return [(name, weight.detach()) for name, weight in model.named_parameters()]


def exported_program(model: Task, spec: DataSpec) -> tuple[torch.export.ExportedProgram, dict[str, Any]]:
    """The program, and the names and shapes of what goes in and comes out."""
    return writing_program(model, spec) if model.decodes else stateless_program(model, spec)


def writing_program(model: Task, spec: DataSpec) -> tuple[torch.export.ExportedProgram, dict[str, Any]]:
    """See ``exported_program``, for a model that decodes."""
    inputs, shape = example_inputs(spec, spec.max_length)
    examples: tuple[Tensor, ...] = (inputs,)
    given = [{"name": "inputs", "shape": ["rows", *shape]}]
    if not spec.picture:
        examples = (*examples, torch.full((TRACED_ROWS,), spec.max_length))
        given.append({"name": "lengths", "shape": ["rows"]})
    rows = {0: torch.export.Dim("rows")}
    free = tuple(rows for _ in examples)
    program = torch.export.export(Writing(model).eval(), examples, dynamic_shapes=free, strict=False)
    logits = {"name": "logits", "shape": ["rows", spec.target_length, len(spec.target_symbols)]}
    return program, {"inputs": given, "outputs": [logits]}


def example_inputs(spec: DataSpec, steps: int) -> tuple[Tensor, list[int]]:
    """Something to trace a program with, and the shape of a row of it."""
    shape = list(spec.picture) or ([steps] if spec.symbols else [steps, spec.input_size])
    dtype = torch.int64 if spec.symbols else torch.get_default_dtype()
    return torch.zeros(TRACED_ROWS, *shape, dtype=dtype), shape


def stateless_program(model: Task, spec: DataSpec) -> tuple[torch.export.ExportedProgram, dict[str, Any]]:
    """See ``exported_program``, for a model with its state beside what it reads."""
    stateless = Stateless(model).eval()
    state = [part for layer in model.stack.initial_state(TRACED_ROWS) for part in layer]
    inputs, shape = example_inputs(spec, spec.max_length or 1)
    rows = {0: torch.export.Dim("rows")}
    program = torch.export.export(
        stateless, (inputs, *state), dynamic_shapes=(rows, tuple(rows for _ in state)), strict=False
    )
    cells = zip(model.stack.names, model.stack.layers(), strict=True)
    names = [f"{layer}.{name}" for layer, cell in cells for name in cell.state_names]
    state_shapes = [["rows", part.shape[1]] for part in state]
    description = {
        "inputs": [{"name": "inputs", "shape": ["rows", *shape]}, *named(names, state_shapes)],
        "outputs": [{"name": "logits"}, *named(names, state_shapes)],
        "initial_state": initial_state(names, state),
    }
    return program, description


def initial_state(names: list[str], state: list[Tensor]) -> str | dict[str, list[float]]:
    """The numbers that every row's state starts from, by name; one word where all are 0."""
    if not any(part.any() for part in state):
        return "zeros"
    return {name: part[0].tolist() for name, part in zip(names, state, strict=True)}


def named(names: list[str], shapes: list[list[Any]]) -> list[dict[str, Any]]:
    return [{"name": name, "shape": shape} for name, shape in zip(names, shapes, strict=True)]
