"""How far back a model's behaviour reaches: not its gradients, but what it does with what it saw.

Shapes: B rows, T steps, V classes or symbols.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnnlab.data.contents import Batch
from rnnlab.models.stack import StackState
from rnnlab.models.tasks.base import Task
from rnnlab.probes.base import (
    Findings,
    Probe,
    Source,
    Subject,
    cannot,
    column_table,
    doubling,
    interval_over_rows,
    last_asked,
)

CONTEXT_ROWS = (16, 256)
CHANGED_ROWS = (4, 64)
BUDGET = 2**29
"""Products of either part: rows x steps x weights. Within it, and within these numbers of rows, rows are chosen."""
GAIN = 0.95
EACH_STEP = ("stream", "steps")
"""Shapes of data whose targets go along with the inputs, step by step."""
CONTEXT = ("context", "loss", "low", "high", "source")
CHANGE = ("lag", "loss_change", "low", "high", "divergence")


class Horizon(Probe):
    """The loss at the last asked step, given the 0, 1, 2, 4, ... steps before it and nothing earlier, beside n-grams
    on streams; and what changes there when another row's input is put in place of the one k steps back.

    divergence: Kullback and Leibler's of the changed prediction from the plain one, in nats; of numbers, the
    squared change. Intervals are Student's over rows, of which the first part takes 16 to 256 and the second 4 to 64,
    as many as their cost allows. A row that is shorter than a lag does not take part in it.
    """

    name = "horizon"

    def asked(self, model: Task, source: Source) -> None:
        if model.decodes:
            raise cannot(self.name, model, "what a decoder reads is what it shall write, and no input of its own")

    def look(self, subject: Subject) -> Findings:
        contexts = context_losses(subject)
        rows = [(*row, "model") for row in contexts]
        grams = subject.source.ngrams()
        rows += [(n - 1, loss, loss, loss, "n-gram") for n, loss in sorted(grams.items())]
        tables = {
            "horizon_context": column_table(CONTEXT, rows),
            "horizon_perturbation": column_table(CHANGE, changes(subject)),
        }
        return Findings(tables, {"steps": float(steps_of([(k, loss) for k, loss, *_ in contexts]))})


def rows_within(limits: tuple[int, int], model: Task, steps: int) -> int:
    """How many rows of so many steps in all can be computed within the budget."""
    weights = sum(weight.numel() for weight in model.stack.parameters())
    return max(limits[0], min(limits[1], BUDGET // max(1, weights * steps)))


@torch.no_grad()
def context_losses(subject: Subject) -> list[tuple[int, float, float, float]]:
    """(context, mean loss, low, high) for contexts 0, 1, 2, 4, ..."""
    lags = subject.source.lags
    batch = subject.source.batch(rows_within(CONTEXT_ROWS, subject.model, 2 * lags + 2))
    end_B = last_asked(batch, subject.source.spec.shape)
    found = []
    for context in [0, *doubling(min(lags, int(end_B.max())))]:
        shortened = cut_before(batch, end_B, context, subject.source.spec.shape)
        loss_B = answers(subject.model, shortened, last_asked(shortened, subject.source.spec.shape))[0]
        found.append((context, *interval_over_rows(loss_B)))
    return found


def cut_before(batch: Batch, end_B: Tensor, context: int, shape: str) -> Batch:
    """The rows that reach so far back, each from ``context`` steps before its end up to it."""
    reaching = (end_B >= context).nonzero().flatten()
    at_BT = end_B[reaching, None] - torch.arange(context, -1, -1)

    def windows(values: Tensor) -> Tensor:
        return values[reaching[:, None], at_BT]

    targets = windows(batch.targets) if shape in EACH_STEP else batch.targets[reaching]
    return Batch(inputs=windows(batch.inputs), targets=targets)


def steps_of(losses: list[tuple[int, float]]) -> int:
    """The smallest context that has 95 % of what the longest one gains over none; 0 where that gains nothing."""
    first, last = losses[0][1], losses[-1][1]
    enough = first - GAIN * max(0.0, first - last)
    return next((context for context, loss in losses if loss <= enough), losses[-1][0])


@torch.no_grad()
def changes(subject: Subject) -> list[tuple[Any, ...]]:
    """(lag, mean change of the loss, low, high, mean divergence) for lags 0, 1, 2, 4, ...

    What lies before the change is the same for all rows: it is run once, and each change goes on from its state.
    """
    source, model = subject.source, subject.model
    steps = source.spec.max_length or source.lags + 1
    batch = source.batch(rows_within(CHANGED_ROWS, model, 4 * steps))
    end_B = last_asked(batch, source.spec.shape)
    plain_B, plain = answers(model, batch, end_B)
    found, done, state = [], 0, None
    for lag in reversed([0, *doubling(min(source.lags, int(end_B.max())))]):
        reaching = end_B >= lag
        whole = model.stack.config.bidirectional or not model.reads_last_step
        start = 0 if whole else int((end_B - lag).clamp(min=0).min())
        if start > done:
            _, state = model.stack(model.embedding(batch.inputs[:, done:start]), state)
            done = start
        others = from_step(with_others(batch, end_B, lag), start, source.spec.shape)
        changed_B, changed = answers(model, others, end_B - start, state)
        apart_B = divergence(plain, changed, source.spec.shape)
        change = interval_over_rows((changed_B - plain_B)[reaching])
        found.append((lag, *change, float(apart_B[reaching].mean())))
    return found[::-1]


def from_step(batch: Batch, start: int, shape: str) -> Batch:
    """The rows without their first steps."""
    targets = batch.targets[:, start:] if shape in EACH_STEP else batch.targets
    lengths = None if batch.lengths is None else batch.lengths - start
    return Batch(inputs=batch.inputs[:, start:], targets=targets, lengths=lengths)


def with_others(batch: Batch, end_B: Tensor, lag: int) -> Batch:
    """The same rows, with the next row's input in place of each one's own, ``lag`` steps before its end."""
    at_B = (end_B - lag).clamp(min=0)
    inputs, row_B = batch.inputs.clone(), torch.arange(len(end_B))
    inputs[row_B, at_B] = batch.inputs[row_B.roll(-1), at_B.roll(-1)]
    return Batch(inputs=inputs, targets=batch.targets, lengths=batch.lengths)


def answers(model: Task, batch: Batch, end_B: Tensor, state: StackState | None = None) -> tuple[Tensor, Tensor]:
    """The loss of each row at its end, (B,), and what the model says there: (B, V), or (B,) for numbers.

    ``state``: what it goes on from; None for the initial state.
    """
    outputs: list[Tensor] = []
    hook = model.stack.register_forward_hook(lambda stack, given, output: outputs.append(output[0]))
    said, _ = model(batch.inputs, state, None, batch.lengths)
    hook.remove()
    row_B = torch.arange(len(end_B))
    loss_B = model.step_losses(outputs[0], batch)[row_B, end_B]
    return loss_B, said[row_B, end_B] if said.dim() == 3 else said


def divergence(plain: Tensor, changed: Tensor, shape: str) -> Tensor:
    """Of each row, (B,): nats for classes and symbols, the squared change for numbers."""
    if shape in ("numbers", "series"):
        return (changed - plain).reshape(len(plain), -1).square().sum(dim=-1)
    from_BV, to_BV = plain.log_softmax(dim=-1), changed.log_softmax(dim=-1)
    return (from_BV.exp() * (from_BV - to_BV)).sum(dim=-1).clamp(min=0)  # -1e-17 where nothing changes
