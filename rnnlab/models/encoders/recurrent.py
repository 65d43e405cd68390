"""A recurrent network that reads a sequence, by default in both directions.

Shapes: B batch, S steps, D input features, M features of the memory.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnlab.config import registry
from rnnlab.config.schema import ComponentConfig
from rnnlab.data.spec import DataSpec
from rnnlab.models.cells.base import Cell, fan_in_uniform
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.encoders.base import Encoder, Memory
from rnnlab.models.model import build_stack
from rnnlab.models.stack import Stack, StackState


class Recurrent(Encoder):
    """A stack with the decoder's cell and settings, and an embedding of its own.

    Where it reads in both directions (Bahdanau et al. 2015), a learned linear map joins what both give at a step to
    as many features as one has: so memory and decoder have the same size. The summary is what each direction
    gave last, joined likewise.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Encoder.Config):
        """bidirectional: a second cell in each layer reads from each row's last step to the first."""

        bidirectional: bool = True

    reads: ClassVar[str] = "pairs"
    stack: Stack

    def __init__(
        self, config: Config, spec: DataSpec, cell: Cell.Config, embedding: ComponentConfig, stack: Stack.Config
    ) -> None:
        super().__init__(config, spec, cell, embedding, stack)
        self.embedding: Embedding = registry.build("embedding", embedding, spec)
        self.stack = build_stack(replace(stack, bidirectional=config.bidirectional), cell, self.embedding.size)
        self.size = self.stack.output_size // self.stack.config.directions
        self.joint: nn.Module = nn.Identity()
        if config.bidirectional:
            self.joint = nn.Linear(self.stack.output_size, self.size)
            fan_in_uniform(self.joint.weight)

    def forward(self, inputs: Tensor, lengths_B: Tensor | None) -> Memory:
        """``inputs``: (B, S) symbols or (B, S, D) vectors."""
        x_BSD = self.embedding(inputs)
        if self.stack.config.bidirectional:
            y_BSH, _ = self.stack(x_BSD, None, None, lengths_B)
            state = None  # two of them, from both ends of the input
        else:
            y_BSH, state = up_to_the_ends(self.stack, x_BSD, lengths_B)
        valid_BS = None if lengths_B is None else steps_within(lengths_B, inputs.shape[1])
        return Memory(self.joint(y_BSH), valid_BS, self.joint(self.stack.ends(y_BSH, lengths_B)), state)


def up_to_the_ends(stack: Stack, x_BSD: Tensor, lengths_B: Tensor | None) -> tuple[Tensor, StackState]:
    """The outputs at all steps, and the state of each row after its last valid one.

    Each length that a row has is a cut: a fused kernel gives its state after the last of its steps alone. In a
    program that is exported for any lengths each step is one.
    """
    if lengths_B is None:
        y_BSH, state = stack(x_BSD)
        return y_BSH, parts_only(stack, state)
    outputs, start, state = [], 0, None
    last: StackState | None = None
    steps = x_BSD.shape[1]
    exporting = torch.compiler.is_exporting()
    for stop in range(1, steps + 1) if exporting else sorted({*lengths_B.tolist(), steps}):
        y_BSH, state = stack(x_BSD[:, start:stop], state)
        outputs.append(y_BSH)
        now = parts_only(stack, state)
        last = now if last is None else chosen(lengths_B >= stop, now, last)
        start = stop
    assert last is not None, "a batch has a row"
    return torch.cat(outputs, dim=1), last


def parts_only(stack: Stack, state: StackState) -> StackState:
    """What the cells carry, without the masks behind it."""
    return tuple(parts[: len(cell.state_names)] for cell, parts in zip(stack.layers(), state, strict=True))


def chosen(where_B: Tensor, first: StackState, second: StackState) -> StackState:
    """In each row the first state or the second."""
    pairs = zip(first, second, strict=True)
    return tuple(
        tuple(torch.where(where_B[:, None], a, b) for a, b in zip(one, other, strict=True)) for one, other in pairs
    )


def steps_within(lengths_B: Tensor, steps: int) -> Tensor:
    """bool (B, S): whether a step is one of the row's own."""
    return torch.arange(steps, device=lengths_B.device) < lengths_B[:, None]
