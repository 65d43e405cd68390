"""One label for a whole sequence."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.data.base import Batch, DataSpec
from rnnlab.models.cells.base import fan_in_uniform
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.stack import Stack, StackState
from rnnlab.models.tasks.base import Task, at_last_step


class Classification(Task):
    """The label is read from the output of each sequence's last valid step; of backward cells, from the first."""

    shape = "sequences"
    figures = ("loss", "accuracy")

    def __init__(self, config: Task.Config, embedding: Embedding, stack: Stack, spec: DataSpec) -> None:
        super().__init__(config, embedding, stack, spec)
        self.head = nn.Linear(stack.output_size, spec.classes)
        fan_in_uniform(self.head.weight)

    def forward(
        self,
        inputs: Tensor,
        state: StackState | None = None,
        reset: Tensor | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, StackState]:
        y_BTH, state = self.stack(self.embedding(inputs), state, reset, lengths)
        return self.head(self.stack.ends(y_BTH, lengths)), state

    def loss(self, batch: Batch, state: StackState | None) -> tuple[Tensor, StackState]:
        logits_BV, state = self(batch.inputs, None, None, batch.lengths)
        return nn.functional.cross_entropy(logits_BV, batch.targets), state

    def step_losses(self, y_BTH: Tensor, batch: Batch) -> Tensor:
        logits_BV = self.head(self.stack.ends(y_BTH, batch.lengths))
        nats_B = nn.functional.cross_entropy(logits_BV, batch.targets, reduction="none")
        return at_last_step(nats_B, y_BTH.shape[1], batch.lengths)

    def score(self, batch: Batch, state: StackState | None) -> tuple[dict[str, Tensor], StackState]:
        logits_BV, state = self(batch.inputs, None, None, batch.lengths)
        nats = nn.functional.cross_entropy(logits_BV.float(), batch.targets, reduction="none")
        correct = logits_BV.argmax(dim=-1) == batch.targets
        count = torch.tensor(len(batch.targets), dtype=torch.float64)
        return {
            "nats": nats.sum(dtype=torch.float64),
            "correct": correct.sum(dtype=torch.float64),
            "count": count,
        }, state

    def metrics(self, sums: dict[str, float]) -> dict[str, float]:
        return {"loss": sums["nats"] / sums["count"], "accuracy": sums["correct"] / sums["count"]}
