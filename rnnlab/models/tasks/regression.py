"""One number for a whole sequence."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.cells.base import fan_in_uniform
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.stack import Stack, StackState
from rnnlab.models.tasks.base import Task, at_last_step


class Regression(Task):
    """The number is read where ``Classification`` reads its label, at each end; the loss is the squared error."""

    shape = "numbers"
    figures: ClassVar[tuple[str, ...]] = ("loss", "rmse")

    def __init__(self, config: Task.Config, embedding: Embedding, stack: Stack, spec: DataSpec) -> None:
        super().__init__(config, embedding, stack, spec)
        self.head = nn.Linear(stack.output_size, self.outputs(spec))
        fan_in_uniform(self.head.weight)

    def outputs(self, spec: DataSpec) -> int:
        """Numbers that the head gives for each row."""
        return 1

    def forward(
        self,
        inputs: Tensor,
        state: StackState | None = None,
        reset: Tensor | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, StackState]:
        """The number for each row, (B,), and the state after the last step."""
        y_BTH, state = self.stack(self.embedding(inputs), state, reset, lengths)
        return self.numbers(y_BTH, lengths), state

    def numbers(self, y_BTH: Tensor, lengths_B: Tensor | None) -> Tensor:
        """What the head reads off the ends: (B,)."""
        predicted_B1: Tensor = self.head(self.stack.ends(y_BTH, lengths_B))
        return predicted_B1.squeeze(-1)

    def loss(self, batch: Batch, state: StackState | None) -> tuple[Tensor, StackState]:
        predicted_B, state = self(batch.inputs, None, None, batch.lengths)
        return self.squared(predicted_B, batch).mean(), state

    def step_losses(self, y_BTH: Tensor, batch: Batch) -> Tensor:
        squared_B = self.squared(self.numbers(y_BTH, batch.lengths), batch)
        return at_last_step(squared_B, y_BTH.shape[1], batch.lengths)

    def squared(self, predicted: Tensor, batch: Batch) -> Tensor:
        """The squared error of each row, in float32 at least: (B,)."""
        return (predicted - batch.targets).square()

    def answers(self, batch: Batch) -> Tensor:
        """The numbers, shaped as the targets."""
        predicted: Tensor = self(batch.inputs, None, None, batch.lengths)[0]
        return predicted

    def score(self, batch: Batch, state: StackState | None) -> tuple[dict[str, Tensor], StackState]:
        predicted_B, state = self(batch.inputs, None, None, batch.lengths)
        count = torch.tensor(len(batch.targets), dtype=torch.float64)
        return {"squared": self.squared(predicted_B, batch).sum(dtype=torch.float64), "count": count}, state

    def metrics(self, sums: dict[str, float]) -> dict[str, float]:
        loss = sums["squared"] / sums["count"]
        return {"loss": loss, "rmse": math.sqrt(loss)}
