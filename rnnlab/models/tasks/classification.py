"""One label for a whole sequence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor, nn

from rnnlab.config.schema import late, require
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import fan_in_uniform
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.ngrams import BagOfNGrams
from rnnlab.models.pooling import Pool, Pooling
from rnnlab.models.stack import Stack, StackState
from rnnlab.models.tasks.base import Task, at_last_step

MACRO_F1 = "macro_f1"
MACRO_ERROR = "macro_error"
"""1 less macro-F1: a criterion is what gets smaller."""


class Criterion(str, Enum):
    """What the best weights are the best in, on the validation part."""

    loss = "loss"
    macro_f1 = "macro_f1"


class Classification(Task):
    """The label is read from one vector for the whole sequence, which ``pooling`` makes of the stack's output.

    Where the data has names for its classes there is also ``macro_f1``, the mean over the classes of each one's F1, in
    which a rare class counts as much as a common one; a class that is neither there nor ever said counts for nothing.

    With ``wide`` there is a linear model of n-grams beside the recurrent one (``BagOfNGrams``), for what a few letters
    tell wherever they stand (Cheng et al. 2016, "Wide & deep learning for recommender systems"). Each learns by its own
    loss, so that neither leaves to the other what it could learn itself, and the mean of their logits answers: a class
    is as likely as the root of the product of what both say (Hinton 1999, "Products of experts", 2).

    With ``balance`` b, an item of a class that is the share p of train weighs p^-b in the loss that is trained on, the
    mean weight being 1. Such a network answers as if shares were p^(1-b). ``loss`` as a figure is of the classes as
    they are: the nats of its logits + b ln p.

    Loss is lowest while a network is still careful; what it gets right grows for longer. ``criterion`` macro_f1 keeps
    the weights with the highest, and adds ``macro_error``, 1 less it, to the figures.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Task.Config):
        """pooling: which steps count. wide: symbols of the longest n-grams that a linear model reads, 0: there is none.

        balance: 0 for items that weigh the same, 1 for classes that do.
        criterion: the figure on val that chooses the best weights.
        """

        pooling: Pooling = late(Pooling.last)
        wide: int = late(0)
        balance: float = late(0.0)
        criterion: Criterion = late(Criterion.loss)

        def __post_init__(self) -> None:
            require(0 <= self.wide <= 8, "task.wide", self.wide, "it must be from 0 to 8")
            require(0 <= self.balance <= 1, "task.balance", self.balance, "it must be from 0 to 1")

    shape = "sequences"
    figures = ("loss", "accuracy")
    config: Config
    log_shares_V: Tensor | None

    def __init__(self, config: Config, embedding: Embedding, stack: Stack, spec: DataSpec) -> None:
        super().__init__(config, embedding, stack, spec)
        self.named_classes = len(spec.labels)
        self.head = nn.Linear(stack.output_size, spec.classes)
        fan_in_uniform(self.head.weight)
        self.pool = Pool(config.pooling, stack.output_size)
        self.wide = BagOfNGrams(config.wide, spec) if config.wide else None
        self.reads_last_step = config.pooling is Pooling.last and config.wide == 0
        self.criterion = criterion_of(config, spec)
        self.register_buffer("log_shares_V", shares_of(config, spec), persistent=False)

    @classmethod
    def figures_on(cls, spec: DataSpec) -> tuple[str, ...]:
        return (*cls.figures, MACRO_F1) if spec.labels else cls.figures

    def forward(
        self,
        inputs: Tensor,
        state: StackState | None = None,
        reset: Tensor | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, StackState]:
        y_BTH, state = self.stack(self.embedding(inputs), state, reset, lengths)
        return mean_of(self.opinions(y_BTH, inputs, lengths)), state

    def opinions(self, y_BTH: Tensor, inputs: Tensor, lengths_B: Tensor | None) -> list[Tensor]:
        """The logits (B, V) of the recurrent model, and with ``wide`` those of the linear one."""
        opinions = [self.logits(y_BTH, lengths_B)]
        if self.wide is not None:
            opinions.append(self.wide(inputs, lengths_B))
        return opinions

    def logits(self, y_BTH: Tensor, lengths_B: Tensor | None) -> Tensor:
        """What the head makes of a stack's output: (B, V)."""
        logits_BV: Tensor = self.head(self.pool(y_BTH, lengths_B, self.stack))
        return logits_BV

    def loss(self, batch: Batch, state: StackState | None) -> tuple[Tensor, StackState]:
        y_BTH, state = self.stack(self.embedding(batch.inputs), lengths_B=batch.lengths)
        opinions = self.opinions(y_BTH, batch.inputs, batch.lengths)
        # The mean over opinions of what each one has lost: the nats of their mean logits are no more than that.
        return mean_of([self.mean_nats(logits_BV, batch.targets) for logits_BV in opinions]), state

    def mean_nats(self, logits_BV: Tensor, targets_B: Tensor) -> Tensor:
        """The mean over a batch of what ``weighted`` gives."""
        if self.log_shares_V is None:
            return nn.functional.cross_entropy(logits_BV, targets_B)
        return self.weighted(logits_BV, targets_B).mean()

    def weighted(self, logits_BV: Tensor, targets_B: Tensor) -> Tensor:
        """The nats of each row, by the weight of its class where classes are balanced: (B,)."""
        nats_B = nn.functional.cross_entropy(logits_BV, targets_B, reduction="none")
        if self.log_shares_V is None:
            return nats_B
        b = self.config.balance
        mean_weight = ((1 - b) * self.log_shares_V).exp().sum()
        return nats_B * (-b * self.log_shares_V[targets_B]).exp() / mean_weight

    def step_losses(self, y_BTH: Tensor, batch: Batch) -> Tensor:
        opinions = self.opinions(y_BTH, batch.inputs, batch.lengths)
        nats_B = mean_of([self.weighted(logits_BV, batch.targets) for logits_BV in opinions])
        return at_last_step(nats_B, y_BTH.shape[1], batch.lengths)

    def answers(self, batch: Batch) -> Tensor:
        """A class for each row, int64 (B,)."""
        logits_BV, _ = self(batch.inputs, None, None, batch.lengths)
        return logits_BV.argmax(dim=-1)

    def as_they_are(self, logits_BV: Tensor) -> Tensor:
        """Logits of classes as common as they are, of those that training weighed."""
        if self.log_shares_V is None:
            return logits_BV.float()
        return logits_BV.float() + self.config.balance * self.log_shares_V

    def score(self, batch: Batch, state: StackState | None) -> tuple[dict[str, Tensor], StackState]:
        logits_BV, state = self(batch.inputs, None, None, batch.lengths)
        nats = nn.functional.cross_entropy(self.as_they_are(logits_BV), batch.targets, reduction="none")
        answers = logits_BV.argmax(dim=-1)
        correct = answers == batch.targets
        count = torch.tensor(len(batch.targets), dtype=torch.float64)
        sums = {
            "nats": nats.sum(dtype=torch.float64),
            "correct": correct.sum(dtype=torch.float64),
            "count": count,
        }
        return sums | (self.by_class(answers, batch.targets) if self.named_classes else {}), state

    def by_class(self, answers_B: Tensor, targets_B: Tensor) -> dict[str, Tensor]:
        """How often each class was said, was true, and was both: what F1 is made of."""
        counted = {"said": answers_B, "true": targets_B, "both": targets_B[answers_B == targets_B]}
        return {
            f"{name} {place}": count.double()
            for name, classes in counted.items()
            for place, count in enumerate(classes.bincount(minlength=self.named_classes))
        }

    def metrics(self, sums: dict[str, float]) -> dict[str, float]:
        figures = {"loss": sums["nats"] / sums["count"], "accuracy": sums["correct"] / sums["count"]}
        if not self.named_classes:
            return figures
        # F1, the harmonic mean of both / said and both / true, is 2 both / (said + true).
        places = range(self.named_classes)
        found = [(sums[f"both {place}"], sums[f"said {place}"] + sums[f"true {place}"]) for place in places]
        scores = [2 * both / counted for both, counted in found if counted]
        macro_f1 = sum(scores) / len(scores)
        figures[MACRO_F1] = macro_f1
        return figures | ({MACRO_ERROR: 1 - macro_f1} if self.criterion == MACRO_ERROR else {})


def mean_of(opinions: list[Tensor]) -> Tensor:
    """The mean of what two models say; of one model it is that, to the bit."""
    return opinions[0] if len(opinions) == 1 else torch.stack(opinions).mean(dim=0)


def criterion_of(config: Classification.Config, spec: DataSpec) -> str:
    """The figure whose smallest value is the best. RequestError for one that this data does not give."""
    if config.criterion is Criterion.loss:
        return "loss"
    if not spec.labels:
        raise RequestError(
            f"task.criterion = {config.criterion.value!r}: this data has no names for its classes, so there is none;"
            " possible: loss"
        )
    return MACRO_ERROR


def shares_of(config: Classification.Config, spec: DataSpec) -> Tensor | None:
    """The logarithm of each class's share of train, (V,); None where classes are not balanced.

    RequestError where the data does not tell how common its classes are.
    """
    if config.balance == 0:
        return None
    if not spec.label_counts:
        raise RequestError(
            f"task.balance = {config.balance}: this data does not say how many items each class has;"
            " possible: task.balance=0"
        )
    counts_V = torch.tensor(spec.label_counts, dtype=torch.float64)
    return (counts_V / counts_V.sum()).log().to(torch.get_default_dtype())
