"""From configurations to a model: cell -> stack -> task."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnlab.config import registry
from rnnlab.config.schema import ComponentConfig
from rnnlab.data.base import DataSpec
from rnnlab.models.cells.base import Cell
from rnnlab.models.sizes import layer_sizes, nearest_hidden_size
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task


def build_model(
    cell: Cell.Config,
    embedding: ComponentConfig,
    stack: Stack.Config,
    task: ComponentConfig,
    spec: DataSpec,
    encoder: ComponentConfig | None = None,
    attention: ComponentConfig | None = None,
) -> Task:
    """The whole model, its weights drawn from torch's default generator (seed it first).

    ``encoder`` and ``attention`` are for tasks that decode.
    """
    inputs: Any = registry.build("embedding", embedding, spec)
    model: Task = registry.build("task", task, inputs, build_stack(stack, cell, inputs.size), spec)
    return model


def build_stack(stack: Stack.Config, cell: Cell.Config, input_size: int) -> Stack:
    """Layers of a cell over inputs of ``input_size`` features; ``stack.parameters`` chooses their hidden size here."""
    hidden_size = cell.hidden_size if stack.parameters is None else nearest_hidden_size(stack, cell, input_size)
    cells = [
        registry.build("cell", replace(cell, hidden_size=H), D)
        for D, H in layer_sizes(stack, hidden_size, input_size)
        for _ in range(stack.directions)
    ]
    return Stack(stack, cells)
