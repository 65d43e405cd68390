"""From what an encoder has read to the state that a decoder starts in.

Shapes: B batch, M features of the memory, H hidden units.
"""

from __future__ import annotations

from enum import Enum

from torch import Tensor, nn

from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell, State, fan_in_uniform
from rnnlab.models.encoders.base import Encoder, Memory
from rnnlab.models.stack import Stack, StackState


class BridgeKind(str, Enum):
    """learned: every part of the state is tanh(W summary + b) (Bahdanau et al. 2015).

    copy: the encoder's own last state (Sutskever et al. 2014); for one that is recurrent, in one direction.
    none: the decoder's initial state, whatever was read; then it knows what its attention tells.
    """

    learned = "learned"
    copy = "copy"
    none = "none"


class Bridge(nn.Module):
    """Makes the first state of a decoder's stack, layer by layer."""

    def __init__(self, kind: BridgeKind, encoder: Encoder, stack: Stack) -> None:
        super().__init__()
        self.kind = kind
        if kind is BridgeKind.copy:
            refuse_other_states(encoder)
        cells = stack.layers() if kind is BridgeKind.learned else ()
        self.maps = nn.ModuleList(map_to_start(encoder.size, set_here(cell) * cell.hidden_size) for cell in cells)

    def forward(self, memory: Memory, stack: Stack) -> StackState:
        """The state before the first step, without masks."""
        if self.kind is BridgeKind.copy:
            assert memory.state is not None, "encoders without a state are refused"
            return memory.state
        initial = stack.initial_state(memory.summary_BM.shape[0])
        if self.kind is BridgeKind.none:
            return initial
        layers = zip(stack.layers(), initial, self.maps, strict=True)
        return tuple(started(cell, parts, layer(memory.summary_BM).tanh()) for cell, parts, layer in layers)


def map_to_start(inputs: int, outputs: int) -> nn.Linear:
    """W and b of one layer."""
    layer = nn.Linear(inputs, outputs)
    fan_in_uniform(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def set_here(cell: Cell) -> int:
    """How many parts of a cell's state a bridge sets."""
    return len(cell.state_names if cell.bridged is None else cell.bridged)


def started(cell: Cell, initial: State, values: Tensor) -> State:
    """The parts that the bridge sets out of ``values``, (B, parts H); the cell's own initial ones for the others."""
    names = cell.state_names if cell.bridged is None else cell.bridged
    found = dict(zip(cell.state_names, initial, strict=True)) | dict(
        zip(names, values.chunk(len(names), dim=-1), strict=True)
    )
    return tuple(found[name] for name in cell.state_names)


def refuse_other_states(encoder: Encoder) -> None:
    """RequestError where an encoder does not end in one state like the decoder's."""
    if encoder.stack is None or encoder.stack.config.bidirectional:
        raise RequestError(
            f"task.bridge = 'copy': encoder={encoder.config.name} does not end in one state like the decoder's;"
            " possible: learned, none, or encoder=recurrent with encoder.bidirectional=false"
        )
