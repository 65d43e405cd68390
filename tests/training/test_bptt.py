"""Truncated backpropagation: exact inside the window, exactly nothing beyond it, and state that carries on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from rnnlab.config import registry
from rnnlab.data.contents import Sequences, Stream
from rnnlab.data.windows import SequenceBatches, StreamWindows
from rnnlab.errors import RequestError
from rnnlab.training.bptt import BPTT, CarriedState, cut, evaluation_windows, training_windows
from rnnlab.training.learner import Learner

MakeLearner = Callable[..., Learner]
CELLS = registry.names("cell")
every_cell = pytest.mark.parametrize("cell", CELLS)
GRADIENT: dict[str, Any] = {
    "optimizer": "sgd",
    "lr": 1.0,
    "warmup_steps": 0,
    "schedule": "constant",
    "clip_norm": None,
}
"""Plain gradient descent at rate one: what a weight has lost is its gradient."""
STILL: dict[str, Any] = {**GRADIENT, "lr": 1e-30}
"""A rate at which no weight moves that is not zero."""


def gradient(learner: Learner) -> dict[str, Tensor]:
    """What one window takes from every weight."""
    before = {name: weight.detach().clone() for name, weight in learner.model.named_parameters()}
    learner.train_window()
    return {name: before[name] - weight.detach() for name, weight in learner.model.named_parameters()}


def counting(steps: int) -> np.ndarray:
    """Symbols that each come once: a symbol's embedding has a gradient from one step alone."""
    return np.arange(steps + 1, dtype=np.uint8)


@every_cell
@pytest.mark.parametrize("backend", ["auto", "loop"])
def test_no_gradient_beyond_the_window(cell: str, backend: str, make_learner: MakeLearner) -> None:
    learner = make_learner(ids=counting(12), rows=1, window=6, cell=cell, backend=backend, **GRADIENT)
    first, second = (gradient(learner)["embedding.map.weight"] for _ in range(2))
    assert first[:6].abs().sum(dim=1).min() > 0 and not first[6:].any()
    assert not second[:6].any(), "the state came from these symbols, the gradient must not go back to them"
    assert second[6:12].abs().sum(dim=1).min() > 0
    whole = gradient(make_learner(ids=counting(12), rows=1, window=12, cell=cell, backend=backend, **GRADIENT))
    assert whole["embedding.map.weight"][:12].abs().sum(dim=1).min() > 0, "a longer window does reach them"


def test_within_the_window_it_is_full_bptt(make_learner: MakeLearner) -> None:
    """All weights' gradients against torch.nn.LSTM, differentiated through the whole text."""
    learner = make_learner(rows=1, window=100, **GRADIENT)
    cell = next(learner.model.stack.layers())
    theirs = nn.LSTM(4, 6, batch_first=True).double()
    table = learner.model.embedding.map.weight.detach().double().requires_grad_()
    head = nn.Linear(6, 9).double()
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(cell.W_GD)
        theirs.weight_hh_l0.copy_(cell.R_GH)
        theirs.bias_ih_l0.copy_(cell.b_G)
        theirs.bias_hh_l0.zero_()
        head.load_state_dict(learner.model.head.state_dict())
    batch = learner.windows.batch(0, 0)
    logits = head(theirs(table[batch.inputs])[0])
    nn.functional.cross_entropy(logits[0], batch.targets[0]).backward()
    found = gradient(learner)
    for name, wanted in {
        "embedding.map.weight": table.grad,
        "stack.cells.0.W_GD": theirs.weight_ih_l0.grad,
        "stack.cells.0.R_GH": theirs.weight_hh_l0.grad,
        "stack.cells.0.b_G": theirs.bias_ih_l0.grad,
        "head.weight": head.weight.grad,
        "head.bias": head.bias.grad,
    }.items():
        torch.testing.assert_close(found[name], wanted.float(), rtol=1e-4, atol=1e-6)


@every_cell
@pytest.mark.parametrize("backend", ["auto", "loop"])
def test_state_after_k_windows_is_that_of_one_long_forward(cell: str, backend: str, make_learner: MakeLearner) -> None:
    learner = make_learner(cell=cell, backend=backend, depth=2, **STILL)
    text = torch.from_numpy(learner.windows.view_BL.astype(np.int64))
    for windows in range(1, len(learner.windows) + 1):
        assert max(part.abs().max() for part in gradient(learner).values()) < 1e-28
        _, wanted = learner.model(text[:, : 5 * windows])
        torch.testing.assert_close(learner.state, cut(wanted), rtol=1e-6, atol=1e-5)


def test_a_pass_begins_with_the_initial_state(make_learner: MakeLearner) -> None:
    learner = make_learner(**STILL)
    losses = [learner.train_window() for _ in range(2 * len(learner.windows))]
    assert torch.equal(torch.stack(losses[: len(losses) // 2]), torch.stack(losses[len(losses) // 2 :]))


def test_fresh_state_forgets_the_window_before(make_learner: MakeLearner) -> None:
    carried, fresh = (make_learner(carried=state, **STILL) for state in CarriedState)
    assert torch.equal(carried.train_window(), fresh.train_window())
    assert not torch.equal(carried.train_window(), fresh.train_window())
    wanted, _ = fresh.model.loss(fresh.windows.batch(0, 1), None)
    assert torch.equal(make_second_loss(make_learner), wanted.detach())


def make_second_loss(make_learner: MakeLearner) -> Tensor:
    learner = make_learner(carried=CarriedState.fresh, **STILL)
    learner.train_window()
    return learner.train_window()


def test_state_is_reset_where_a_document_starts(make_learner: MakeLearner) -> None:
    """One row of two documents trains as the two of them apart do."""
    together = make_learner(ids=counting(10), documents=[0, 4], rows=1, window=10, **GRADIENT)
    found = gradient(together)["embedding.map.weight"]
    apart = make_learner(ids=counting(10), rows=1, window=10, **GRADIENT)
    batch = apart.windows.batch(0, 0)
    logits = torch.cat([apart.model(batch.inputs[:, :4])[0], apart.model(batch.inputs[:, 4:])[0]], dim=1)
    nn.functional.cross_entropy(logits[0], batch.targets[0]).backward()
    torch.testing.assert_close(found, apart.model.embedding.map.weight.grad, rtol=1e-4, atol=1e-7)


def test_cut_keeps_the_numbers_and_drops_the_graph() -> None:
    part = torch.randn(2, 3, requires_grad=True) * 2
    ((after,),) = cut(((part,),))
    assert torch.equal(after, part) and not after.requires_grad


def test_windows_for_each_shape_of_data() -> None:
    stream = Stream(np.arange(50, dtype=np.uint8), np.array([0, 7]))
    sequences = Sequences(np.zeros((9, 4, 2), np.float32), np.zeros(9, np.int64))
    config = BPTT.Config(window=6, reset_at_documents=True)
    training = training_windows(config, stream, 3, seed=1)
    assert isinstance(training, StreamWindows) and (training.rows, training.window) == (3, 6)
    assert training.batch(0, 1).reset is not None
    assert isinstance(training_windows(config, sequences, 4, seed=1), SequenceBatches)
    evaluation = evaluation_windows(config, stream, 32, 6)
    assert isinstance(evaluation, StreamWindows) and evaluation.rows == 8, "as many rows as the text allows"
    seen = sum(evaluation.batch(0, k).targets.numel() for k in range(len(evaluation)))
    assert seen == 48
    in_order = evaluation_windows(config, sequences, 4, 6)
    assert sum(len(in_order.batch(0, k).targets) for k in range(len(in_order))) == 9


def test_window_out_of_range() -> None:
    with pytest.raises(RequestError, match=r"bptt\.window = 0"):
        BPTT.Config(window=0)
