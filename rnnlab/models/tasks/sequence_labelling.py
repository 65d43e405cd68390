"""A label at each step where one is asked for."""

from __future__ import annotations

from torch import Tensor, nn

from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.cells.base import fan_in_uniform
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.stack import Stack, StackState
from rnnlab.models.tasks.base import Task

NOT_ASKED = -1


class SequenceLabelling(Task):
    """A distribution over the classes at each step; steps with the label -1 count for nothing.

    ``solved`` is the share of rows with the likeliest class right wherever one is asked for.
    """

    shape = "steps"
    figures = ("loss", "accuracy", "solved")

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
        return self.head(y_BTH), state

    def loss(self, batch: Batch, state: StackState | None) -> tuple[Tensor, StackState]:
        logits_BTV, state = self(batch.inputs, None, None, batch.lengths)
        return self.nats(logits_BTV, batch).sum() / asked(batch).sum(), state

    def step_losses(self, y_BTH: Tensor, batch: Batch) -> Tensor:
        return self.nats(self.head(y_BTH), batch)

    def nats(self, logits_BTV: Tensor, batch: Batch) -> Tensor:
        """The cross-entropy at each step, 0 where nothing is asked: (B, T)."""
        flat, targets = logits_BTV.flatten(0, 1), batch.targets.flatten()
        nats = nn.functional.cross_entropy(flat, targets, ignore_index=NOT_ASKED, reduction="none")
        return nats.view(batch.targets.shape)

    def answers(self, batch: Batch) -> Tensor:
        """The likeliest class at each step, int64 (B, T), also where none is asked for."""
        logits_BTV, _ = self(batch.inputs, None, None, batch.lengths)
        answers_BT: Tensor = logits_BTV.argmax(dim=-1)
        return answers_BT

    def score(self, batch: Batch, state: StackState | None) -> tuple[dict[str, Tensor], StackState]:
        logits_BTV, state = self(batch.inputs, None, None, batch.lengths)
        asked_BT = asked(batch)
        wrong_BT = asked_BT & (logits_BTV.argmax(dim=-1) != batch.targets)
        rows_B = asked_BT.any(dim=1)
        found = {
            "nats": self.nats(logits_BTV, batch),
            "correct": asked_BT & ~wrong_BT,
            "count": asked_BT,
            "solved": rows_B & ~wrong_BT.any(dim=1),
            "rows": rows_B,
        }
        return {name: values.double().sum() for name, values in found.items()}, state

    def metrics(self, sums: dict[str, float]) -> dict[str, float]:
        return {
            "loss": sums["nats"] / sums["count"],
            "accuracy": sums["correct"] / sums["count"],
            "solved": sums["solved"] / sums["rows"],
        }


def asked(batch: Batch) -> Tensor:
    """bool (B, T): the steps at which a class is asked for."""
    return batch.targets != NOT_ASKED
