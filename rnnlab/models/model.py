"""From configurations to a model: cell -> stack -> task."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from rnnlab.config import registry
from rnnlab.config.schema import ComponentConfig
from rnnlab.data.spec import DataSpec
from rnnlab.models.attention.base import Attention
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
    attention: Attention.Config | None = None,
) -> Task:
    """The whole model, its weights drawn from torch's default generator (seed it first).

    ``encoder`` and ``attention`` are for tasks that decode.
    """
    if registry.component("task", task.name).decodes:
        assert encoder is not None and attention is not None, "a decoder is composed with both"
        return build_decoding(cell, embedding, stack, task, spec, encoder, attention)
    inputs: Any = registry.build("embedding", embedding, spec)
    model: Task = registry.build("task", task, inputs, build_stack(stack, cell, inputs.size), spec)
    return model


def build_decoding(
    cell: Cell.Config,
    embedding: ComponentConfig,
    stack: Stack.Config,
    task: ComponentConfig,
    spec: DataSpec,
    encoder: ComponentConfig,
    attention: Attention.Config,
) -> Task:
    """A model that writes: its stack is the decoder, which reads target symbols and, if it is fed, contexts."""
    source: Any = registry.build("encoder", encoder, spec, cell, embedding, stack)
    inputs: Any = registry.build("embedding", embedding, targets_of(spec))
    fed = source.size if attention.feed else 0
    decoder = build_stack(stack, cell, inputs.size + fed)
    looking: Any = registry.build("attention", attention, decoder.output_size, source.size)
    model: Task = registry.build("task", task, inputs, decoder, spec, source, looking)
    return model


def targets_of(spec: DataSpec) -> DataSpec:
    """What a decoder reads of its data: symbols of the target."""
    return replace(spec, symbols=spec.target_symbols, input_size=0)


def build_stack(stack: Stack.Config, cell: Cell.Config, input_size: int) -> Stack:
    """Layers of a cell over inputs of ``input_size`` features; ``stack.parameters`` chooses their hidden size here."""
    hidden_size = cell.hidden_size if stack.parameters is None else nearest_hidden_size(stack, cell, input_size)
    cells = [
        registry.build("cell", replace(cell, hidden_size=H), D)
        for D, H in layer_sizes(stack, hidden_size, input_size)
        for _ in range(stack.directions)
    ]
    return Stack(stack, cells)
