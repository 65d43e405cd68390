"""Labels of marked steps: the cross-entropy against NumPy, and rows that are right throughout."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.sequence_labelling import SequenceLabelling

TARGETS = torch.tensor([[0, -1, 3, 1, -1, 2], [-1, 2, -1, -1, -1, -1], [1, 1, 1, 0, -1, -1], [-1, -1, -1, -1, -1, 3]])


@pytest.fixture
def model(vector_spec: DataSpec) -> SequenceLabelling:
    torch.manual_seed(0)
    made = build_model(
        registry.component("cell", "gru").Config(name="gru", hidden_size=6),
        Embedding.Config(name="none"),
        Stack.Config(dropout=0.0),
        SequenceLabelling.Config(name="sequence_labelling"),
        replace(vector_spec, shape="steps"),
    )
    assert isinstance(made, SequenceLabelling)
    return made


@pytest.fixture
def batch() -> Batch:
    return Batch(torch.randn(4, 6, 3, generator=torch.Generator().manual_seed(1)), TARGETS)


@torch.no_grad()
def figures(model: SequenceLabelling, *batches: Batch) -> dict[str, float]:
    scores = [model.score(batch, None)[0] for batch in batches]
    return model.metrics({name: sum(float(score[name]) for score in scores) for name in scores[0]})


def test_loss_and_figures_against_numpy(model: SequenceLabelling, batch: Batch) -> None:
    logits = model(batch.inputs)[0].detach().double().numpy()
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    marked = [(b, t, int(TARGETS[b, t])) for b in range(4) for t in range(6) if TARGETS[b, t] >= 0]
    nats = np.mean([-log_p[b, t, label] for b, t, label in marked])
    right = [logits[b, t].argmax() == label for b, t, label in marked]
    assert model.loss(batch, None)[0].item() == pytest.approx(nats, rel=1e-6)
    rows = [all(ok for ok, (b, _, _) in zip(right, marked, strict=True) if b == row) for row in range(4)]
    assert figures(model, batch) == {
        "loss": pytest.approx(nats, rel=1e-6),
        "accuracy": pytest.approx(np.mean(right)),
        "solved": np.mean(rows),
    }


def answering(model: SequenceLabelling, answers_BT: Tensor, batch: Batch) -> dict[str, float]:
    """The figures of a model that is certain of these answers."""
    logits = 30.0 * torch.nn.functional.one_hot(answers_BT, 4).float()
    model.forward = lambda *inputs: (logits, ())  # type: ignore[method-assign]
    return figures(model, batch)


def test_one_mistake_spoils_its_row_alone(model: SequenceLabelling, batch: Batch) -> None:
    answers = TARGETS.clamp(min=0)
    assert answering(model, answers, batch) == {"loss": pytest.approx(0, abs=1e-9), "accuracy": 1, "solved": 1}
    answers[2, 3] = 3
    found = answering(model, answers, batch)
    assert (found["accuracy"], found["solved"]) == (pytest.approx(9 / 10), 3 / 4)
    answers[1, 0] = 3  # not asked there
    assert answering(model, answers, batch)["solved"] == 3 / 4


def test_rows_that_are_asked_nothing_do_not_count(model: SequenceLabelling, batch: Batch) -> None:
    silent = replace(batch, targets=torch.where(torch.arange(4)[:, None] < 2, TARGETS, -1))
    alone = replace(batch, inputs=batch.inputs[:2], targets=TARGETS[:2])
    assert figures(model, silent) == pytest.approx(figures(model, alone))


def test_batches_add_up_by_marked_steps(model: SequenceLabelling, batch: Batch) -> None:
    parts = [replace(batch, inputs=batch.inputs[rows], targets=TARGETS[rows]) for rows in (slice(0, 1), slice(1, 4))]
    assert figures(model, *parts) == pytest.approx(figures(model, batch))
