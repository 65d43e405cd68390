"""What one sequence of a batch may not see: other sequences, and the padding behind its own end."""

from __future__ import annotations

import torch

from rnnlab.checks.finding import Measured
from rnnlab.checks.subject import Subject, difference, inputs, reached_state, run
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.backends import Backend
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.classification import Classification

LENGTHS = (6, 2, 4, 1)
SPEC = DataSpec("sequences", (), 3, 4, {"train": 8, "val": 4, "test": 4}, max(LENGTHS), "", "0")


def independent(subject: Subject) -> Measured:
    """A row alone gives what it gives among others, on every backend."""
    cell = subject.cell()
    x_BTD, state = inputs(cell, 3, 4), reached_state(cell, 3)
    worst = 0.0
    for backend in subject.backends_of(cell):
        together, _ = run(cell, x_BTD, state, backend)
        alone, _ = run(cell, x_BTD[1:2], tuple(part[1:2] for part in state), backend)
        worst = max(worst, difference(together[1:2], alone))
    return Measured(worst, 1e-12)


def padding(subject: Subject) -> Measured:
    """What stands behind a sequence's end reaches neither its logits nor the gradients of the weights."""
    worst = max(_seen_of_padding(subject, backend) for backend in subject.backends_of(subject.cell()))
    return Measured(worst, 1e-12, "logits and gradients of two layers")


def _seen_of_padding(subject: Subject, backend: Backend) -> float:
    torch.manual_seed(0)
    task = Classification.Config(name="classification")
    stack = Stack.Config(depth=2, dropout=0.0, backend=backend)
    model = build_model(subject.config(), Embedding.Config(name="none"), stack, task, SPEC).double()
    lengths, labels = torch.tensor(LENGTHS), torch.tensor([0, 3, 1, 2])
    clean = torch.randn(len(LENGTHS), max(LENGTHS), SPEC.input_size, dtype=torch.float64)
    noisy = clean.clone()
    for row, length in enumerate(LENGTHS):
        noisy[row, length:] = 10 * torch.randn_like(noisy[row, length:])
    found = []
    for x_BTD in (clean, noisy):
        logits, _ = model(x_BTD, None, None, lengths)
        loss, _ = model.loss(Batch(x_BTD, labels, lengths), None)
        found.append([logits, *torch.autograd.grad(loss, list(model.parameters()))])
    return max(difference(ours, theirs) for ours, theirs in zip(*found, strict=True))
