"""What a decoder writes about, as vectors: the states of a network that read a sequence, or the places of a picture.

Shapes: B batch, S steps or places, M features of the memory.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig
from rnnlab.data.spec import DataSpec
from rnnlab.models.cells.base import Cell
from rnnlab.models.stack import Stack, StackState


class Memory(NamedTuple):
    """What an encoder made of its input.

    memory_BSM  a vector for each step of a sequence, or each place of a picture
    valid_BS    False at padding; None where there is none
    summary_BM  one vector for the whole input, from which a decoder may start
    state       of a recurrent encoder after its last step, as ``Stack.forward`` returns it; else None
    """

    memory_BSM: Tensor
    valid_BS: Tensor | None
    summary_BM: Tensor
    state: StackState | None


class Encoder(nn.Module, ABC):
    """Reads a whole input before the first word is written.

    reads  the shape of data that it is for, "pairs" or "captions"
    size   M
    stack  the layers whose last state ``Memory.state`` is; None where that is None
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """No setting that all kinds share."""

    reads: ClassVar[str]
    size: int
    stack: Stack | None

    def __init__(
        self, config: Config, spec: DataSpec, cell: Cell.Config, embedding: ComponentConfig, stack: Stack.Config
    ) -> None:
        """``cell``, ``embedding`` and ``stack``: the decoder's settings, for encoders that have such parts too."""
        super().__init__()
        self.config = config
        self.stack = None

    @abstractmethod
    def forward(self, inputs: Tensor, lengths_B: Tensor | None) -> Memory:
        """``inputs`` and ``lengths_B`` as ``Batch`` has them."""
