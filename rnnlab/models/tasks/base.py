"""What a model is trained to do: the head over the stack, its loss and its scores.

Shapes: B batch, T time, H hidden units, V vocabulary.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.stack import Stack, StackState


class Task(nn.Module, ABC):
    """A whole model: embedding, stack and head.

    ``shape`` is the kind of data that it needs; ``figures`` are the names that ``metrics`` gives. A loss is in
    nats, except for numbers: there it is the squared error.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """No option that all tasks share."""

    shape: ClassVar[str]
    figures: ClassVar[tuple[str, ...]]
    decodes: ClassVar[bool] = False
    """Whether it writes about what an encoder read: it is then built with that encoder and an attention."""
    criterion: str = "loss"
    """The figure whose smallest value on the validation part tells the best weights."""
    reads_last_step: bool = True
    """Whether what is said depends on no other output of the stack than that of the step where it is asked for."""

    @classmethod
    def figures_on(cls, spec: DataSpec) -> tuple[str, ...]:
        """Those of ``figures`` that ``metrics`` gives on this data: all, where a task does not say otherwise."""
        return cls.figures

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

    def reads(self, batch: Batch) -> tuple[Tensor, StackState | None, Tensor | None]:
        """What the stack is given for a batch: x_BTD, the state before the first step, valid steps of each row."""
        return self.embedding(batch.inputs), None, batch.lengths

    @abstractmethod
    def loss(self, batch: Batch, state: StackState | None) -> tuple[Tensor, StackState]:
        """The mean loss that training lowers, and the state after the batch."""

    @abstractmethod
    def step_losses(self, y_BTH: Tensor, batch: Batch) -> Tensor:
        """The loss of each row at each step, (B, T); 0 where nothing is asked.

        From the stack's output, without reduction, and in the precision of that output.
        """

    @abstractmethod
    def score(self, batch: Batch, state: StackState | None) -> tuple[dict[str, Tensor], StackState]:
        """Sums over the batch in float64 ("nats", "count", ...), which add up over batches."""

    def answers(self, batch: Batch) -> Tensor | None:
        """What it takes to be true where ``batch.targets`` says what is: classes or numbers in the same shape.

        None for a task whose rows it has nothing to compare with one by one.
        """
        return None

    @abstractmethod
    def metrics(self, sums: dict[str, float]) -> dict[str, float]:
        """Figures out of added-up sums; "loss" is always one of them."""


def at_last_step(loss_B: Tensor, steps: int, lengths_B: Tensor | None) -> Tensor:
    """The loss of each row where it is asked, at the last valid of its steps: (B, T), 0 elsewhere."""
    last_B = torch.full_like(loss_B, steps - 1, dtype=torch.int64) if lengths_B is None else lengths_B - 1
    return loss_B.new_zeros(len(loss_B), steps).scatter(1, last_B[:, None], loss_B[:, None])
