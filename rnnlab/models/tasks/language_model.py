"""Predict the next symbol."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import fan_in_uniform
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.stack import Stack, StackState
from rnnlab.models.tasks.base import Task


class LanguageModel(Task):
    """At each step, a distribution over the next symbol: char-rnn on characters, the classical model on words."""

    @dataclass(kw_only=True, slots=True)
    class Config(Task.Config):
        """tie_weights: the output layer uses the embedding's table (Press & Wolf 2017)."""

        tie_weights: bool = False

    shape = "stream"
    figures = ("loss", "bits_per_char")

    @classmethod
    def figures_on(cls, spec: DataSpec) -> tuple[str, ...]:
        """Bits where a symbol is a character or a byte, perplexity where it is a word, as the literature has them."""
        return ("loss", "perplexity") if spec.unit == "word" else cls.figures

    def __init__(self, config: Config, embedding: Embedding, stack: Stack, spec: DataSpec) -> None:
        super().__init__(config, embedding, stack, spec)
        self.counted = "words" if spec.unit == "word" else "count"
        self.head = nn.Linear(stack.output_size, spec.vocabulary)
        nn.init.zeros_(self.head.bias)
        if config.tie_weights:
            self.head.weight = tied_table(embedding, stack)
        fan_in_uniform(self.head.weight)  # logits of about unit size, also where the table is tied

    def forward(
        self,
        inputs: Tensor,
        state: StackState | None = None,
        reset: Tensor | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, StackState]:
        y_BTH, state = self.stack(self.embedding(inputs), state, reset)
        return self.head(y_BTH), state

    def loss(self, batch: Batch, state: StackState | None) -> tuple[Tensor, StackState]:
        logits_BTV, state = self(batch.inputs, state, batch.reset)
        return nn.functional.cross_entropy(logits_BTV.flatten(0, 1), batch.targets.flatten()), state

    def step_losses(self, y_BTH: Tensor, batch: Batch) -> Tensor:
        logits_BTV = self.head(y_BTH)
        nats = nn.functional.cross_entropy(logits_BTV.flatten(0, 1), batch.targets.flatten(), reduction="none")
        return nats.view(batch.targets.shape)

    def score(self, batch: Batch, state: StackState | None) -> tuple[dict[str, Tensor], StackState]:
        logits_BTV, state = self(batch.inputs, state, batch.reset)
        nats = nn.functional.cross_entropy(logits_BTV.float().flatten(0, 1), batch.targets.flatten(), reduction="none")
        count = torch.tensor(batch.targets.numel(), dtype=torch.float64)
        return {"nats": nats.sum(dtype=torch.float64), self.counted: count}, state

    def metrics(self, sums: dict[str, float]) -> dict[str, float]:
        if "words" in sums:
            loss = sums["nats"] / sums["words"]
            return {"loss": loss, "perplexity": perplexity(loss)}
        loss = sums["nats"] / sums["count"]
        return {"loss": loss, "bits_per_char": loss / math.log(2)}


def perplexity(loss: float) -> float:
    """e to the nats per word; infinity where a float cannot hold it."""
    return math.exp(loss) if loss < math.log(sys.float_info.max) else math.inf


def tied_table(embedding: Embedding, stack: Stack) -> Any:
    """The embedding's table as output weights (V, H); RequestError where the two cannot be one."""
    if not (isinstance(embedding, Learned) and isinstance(embedding.map, nn.Embedding)):
        raise RequestError("task.tie_weights = True: there is no table to share; possible with embedding=learned")
    if embedding.size != stack.output_size:
        wanted = stack.config.parameters
        given = "cell.hidden_size" if wanted is None else f"the hidden size that stack.parameters = {wanted} chose"
        raise RequestError(
            f"task.tie_weights = True: embedding.size = {embedding.size} must equal {given} = {stack.output_size}"
        )
    return embedding.map.weight
