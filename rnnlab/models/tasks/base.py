"""What a model is trained to do: the head over the stack, its loss and its scores.

Shapes: B batch, T time, H hidden units, V vocabulary.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig
from rnnlab.data.base import Batch, DataSpec
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.stack import Stack, StackState


class Task(nn.Module, ABC):
    """A whole model: embedding, stack and head.

    ``shape`` is the kind of data that it needs; ``figures`` are the names that ``metrics`` gives.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """No option that all tasks share."""

    shape: ClassVar[str]
    figures: ClassVar[tuple[str, ...]]

    def __init__(self, config: Config, embedding: Embedding, stack: Stack, spec: DataSpec) -> None:
        super().__init__()
        self.config = config
        self.embedding = embedding
        self.stack = stack

    @abstractmethod
    def forward(
        self,
        inputs: Tensor,
        state: StackState | None = None,
        reset: Tensor | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, StackState]:
        """Logits, and the state after the last step."""

    @abstractmethod
    def loss(self, batch: Batch, state: StackState | None) -> tuple[Tensor, StackState]:
        """The mean loss in nats that training lowers, and the state after the batch."""

    @abstractmethod
    def score(self, batch: Batch, state: StackState | None) -> tuple[dict[str, Tensor], StackState]:
        """Sums over the batch in float64 ("nats", "count", ...), which add up over batches."""

    @abstractmethod
    def metrics(self, sums: dict[str, float]) -> dict[str, float]:
        """Figures out of added-up sums; "loss", in nats, is always one of them."""
