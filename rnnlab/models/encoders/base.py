"""What a decoder writes about, as vectors: the states of a network that read a sequence, or the places of a picture.

Shapes: B batch, S steps or places, M features of the memory.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig
from rnnlab.models.stack import StackState


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
    """Reads a whole input before the first word is written. ``size`` is M.

    ``reads``: the shape of data that it is for, "pairs" or "captions".
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """No setting that all kinds share."""

    reads: ClassVar[str]
    size: int

    @abstractmethod
    def forward(self, inputs: Tensor, lengths_B: Tensor | None) -> Memory:
        """``inputs`` and ``lengths_B`` as ``Batch`` has them."""
