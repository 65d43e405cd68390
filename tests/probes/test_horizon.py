"""What behaviour remembers: models whose memory is known."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.data.contents import Batch, Sequences
from rnnlab.models.backends import Backend
from rnnlab.models.cells.gru import GRU
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.model import build_model
from rnnlab.models.pooling import Pooling
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.classification import Classification
from rnnlab.probes.base import Error, Source, Subject
from rnnlab.probes.horizon import Horizon, answers, changes, context_losses, cut_before, steps_of, with_others
from tests.probes.conftest import VECTORS, MakeModel, MakeSubject


def test_losses_are_those_of_runs_over_the_last_steps(make_model: MakeModel, look: MakeSubject) -> None:
    subject = look(make_model("lstm"), lags=6)
    found = {context: loss for context, loss, *_ in context_losses(subject)}
    assert list(found) == [0, 1, 2, 4, 6]
    batch = subject.source.batch(256)
    for context, loss in found.items():
        logits, _ = subject.model(batch.inputs[:, -context - 1 :])
        wanted = torch.nn.functional.cross_entropy(logits[:, -1], batch.targets[:, -1])
        assert loss == pytest.approx(float(wanted.detach()), rel=1e-10)


def test_a_model_without_recurrence_needs_no_context(make_model: MakeModel, look: MakeSubject) -> None:
    model = make_model("elman")
    with torch.no_grad():
        next(model.stack.layers()).W_h_HH.zero_()
    subject = look(model, lags=6)
    losses = [loss for _, loss, *_ in context_losses(subject)]
    assert losses == pytest.approx([losses[0]] * 5, rel=1e-12)
    assert Horizon().look(subject).figures == {"steps": 0}
    effect = {lag: (change, apart) for lag, change, _, _, apart in changes(subject)}
    assert effect[0][1] > 1e-3, "the input itself matters"
    for lag in (1, 2, 4, 6):
        assert effect[lag] == pytest.approx((0, 0), abs=1e-12)


def test_a_change_reaches_as_far_as_the_memory(make_model: MakeModel, look: MakeSubject) -> None:
    """divergence is that of Kullback and Leibler, from the plain prediction to the changed one."""
    subject = look(make_model("gru"), lags=4)
    table = {row[0]: row[4] for row in changes(subject)}
    batch = subject.source.batch(64)
    plain, _ = subject.model(batch.inputs)
    other = batch.inputs.clone()
    other[:, 4 - 2] = batch.inputs.roll(-1, dims=0)[:, 4 - 2]
    changed, _ = subject.model(other)
    kl = torch.nn.functional.kl_div(
        changed[:, -1].log_softmax(-1), plain[:, -1].log_softmax(-1), log_target=True, reduction="batchmean"
    )
    assert table[2] == pytest.approx(float(kl.detach()), rel=1e-9)
    assert all(apart >= 0 for apart in table.values())


@pytest.mark.parametrize("stack", [{"depth": 2}, {"bidirectional": True}])
@pytest.mark.parametrize("task", [{}, {"pooling": Pooling.mean}])
def test_changes_are_those_of_whole_rows(
    stack: dict[str, Any], task: dict[str, Any], make_model: MakeModel, look: MakeSubject
) -> None:
    """Rows of several lengths, of which one is shorter than most lags."""
    subject = look(make_model("lstm", spec=VECTORS, stack=stack, task=task), spec=VECTORS, rows=6)
    batch = subject.source.batch(6)
    end_B = batch.lengths - 1
    plain_B, _ = answers(subject.model, batch, end_B)
    found = changes(subject)
    assert [row[0] for row in found] == [0, 1, 2, 4, 8]
    for lag, change, *_ in found:
        changed_B, _ = answers(subject.model, with_others(batch, end_B, lag), end_B)
        assert change == pytest.approx(float((changed_B - plain_B)[end_B >= lag].mean().detach()), rel=1e-9, abs=1e-14)


def test_n_grams_are_read_of_whole_rows(sequences: Sequences) -> None:
    """A row that went on from a state would have lost the symbols before it."""
    torch.manual_seed(0)
    spec = replace(VECTORS, symbols=tuple("abcdefg"), input_size=0)
    model = (
        build_model(
            GRU.Config(name="gru", hidden_size=4),
            Learned.Config(name="learned", size=3),
            Stack.Config(dropout=0.0, backend=Backend.loop),
            Classification.Config(name="classification", wide=3),
            spec,
        )
        .eval()
        .double()
    )
    assert isinstance(model, Classification) and model.wide is not None
    torch.nn.init.normal_(model.wide.grams.weight)
    symbols = np.random.default_rng(0).integers(0, 7, (6, 9))
    source = Source(replace(sequences, inputs=symbols, lengths=np.full(6, 9)), spec, Error.last, 6, 8)
    batch = source.batch(6)
    plain_B, _ = answers(model, batch, batch.lengths - 1)
    for lag, change, *_ in changes(Subject(model, source, batch)):
        changed_B, _ = answers(model, with_others(batch, batch.lengths - 1, lag), batch.lengths - 1)
        assert change == pytest.approx(float((changed_B - plain_B).mean().detach()), rel=1e-9, abs=1e-14)


def test_short_rows_take_part_where_they_reach(make_model: MakeModel, look: MakeSubject) -> None:
    subject = look(make_model("gru", spec=VECTORS), spec=VECTORS, rows=6)
    assert [context for context, *_ in context_losses(subject)] == [0, 1, 2, 4, 8]
    batch = subject.source.batch(6)
    cut = cut_before(batch, batch.lengths - 1, 5, "sequences")
    rows = [0, 2, 4, 5]
    assert len(cut.targets) == len(rows)
    for found, row in zip(cut.inputs, rows, strict=True):
        end = int(batch.lengths[row])
        assert torch.equal(found, batch.inputs[row, end - 6 : end])


def test_the_other_input_is_the_next_row_s_as_far_before_its_own_end() -> None:
    inputs = torch.arange(12).view(3, 4)
    found = with_others(Batch(inputs, torch.zeros(3)), torch.tensor([3, 1, 2]), 1).inputs
    assert found.tolist() == [[0, 1, 4, 3], [9, 5, 6, 7], [8, 2, 10, 11]]


def test_steps_of() -> None:
    assert steps_of([(0, 3.0), (1, 2.0), (2, 1.2), (4, 1.04), (8, 1.0)]) == 4
    assert steps_of([(0, 1.0), (1, 1.5), (2, 1.2)]) == 0
    assert steps_of([(0, math.nan), (1, 1.5)]) == 1
