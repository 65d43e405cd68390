"""From configurations to a model: cell -> stack -> task."""

from __future__ import annotations

from typing import Any

from rnnlab.config import registry
from rnnlab.config.schema import ComponentConfig
from rnnlab.data.base import DataSpec
from rnnlab.models.cells.base import Cell
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task


def build_model(
    cell: Cell.Config, embedding: ComponentConfig, stack: Stack.Config, task: ComponentConfig, spec: DataSpec
) -> Task:
    """The whole model, its weights drawn from torch's default generator (seed it first)."""
    inputs: Any = registry.build("embedding", embedding, spec)
    layers = Stack(stack, lambda input_size: registry.build("cell", cell, input_size), inputs.size)
    model: Task = registry.build("task", task, inputs, layers, spec)
    return model
