"""Probes of a decoder: what it read, from the state that its bridge made, up to each target's end."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.contents import Sequences
from rnnlab.data.spec import DataSpec
from rnnlab.models.backends import Backend
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.probes.base import CannotAnswer, Error, Source, Subject
from rnnlab.probes.gradient_flow import GradientFlow
from rnnlab.probes.horizon import Horizon

SPEC = DataSpec(
    "pairs", tuple("abcde"), 0, 5, {"train": 8, "val": 4, "test": 4}, 4, "character", "0",
    target_symbols=("", *"wxyz"), target_length=5,
)  # fmt: skip
LABELS = np.array([[1, 2, 0, -1, -1], [4, 3, 2, 1, 0], [0, -1, -1, -1, -1], [2, 2, 2, 0, -1]])
PART = Sequences(np.array([[0, 1, 2, 3], [4, 0, 0, 0], [2, 3, 0, 0], [1, 1, 4, 0]]), LABELS, np.array([4, 1, 2, 3]))


def model(embedding: str, attention: str, feed: bool) -> Task:
    torch.manual_seed(0)
    configs = {
        group: registry.component(group, name).Config(name=name)
        for group, name in {"embedding": embedding, "attention": attention, "encoder": "recurrent"}.items()
    }
    configs["attention"].feed = feed
    task = registry.component("task", "encoder_decoder").Config(name="encoder_decoder")
    cell = registry.component("cell", "gru").Config(name="gru", hidden_size=6)
    stack = Stack.Config(dropout=0.0, backend=Backend.loop)
    return build_model(cell, configs["embedding"], stack, task, SPEC, configs["encoder"], configs["attention"])


@pytest.mark.parametrize(("attention", "feed"), [("none", False), ("dot", False), ("additive", True)])
@pytest.mark.parametrize("embedding", ["learned", "one_hot"])
def test_the_trace_is_the_run_that_the_loss_is_of(embedding: str, attention: str, feed: bool) -> None:
    source = Source(PART, SPEC, Error.every, rows=4, lags=4)
    subject = Subject(model(embedding, attention, feed), source, source.batch(4))
    loss, _ = subject.model.loss(subject.batch, None)
    assert subject.last_B.tolist() == [2, 4, 0, 3]
    assert subject.loss.item() == pytest.approx(loss.item() * int((LABELS >= 0).sum()), rel=1e-6)
    for columns in GradientFlow().look(subject).tables.values():
        assert all(len(values) > 0 for values in columns.values())


def test_a_decoder_has_no_horizon_of_its_own() -> None:
    source = Source(PART, SPEC, Error.last, rows=4, lags=4)
    with pytest.raises(CannotAnswer, match=r"^probe.names: horizon with cell=gru: what a decoder reads"):
        Horizon().asked(model("learned", "dot", False), source)
