"""What every task says of its loss at each step, for whatever ``task=`` offers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task

ROWS, STEPS, FEATURES, CLASSES, AHEAD = 4, 6, 3, 5, 2
LENGTHS = torch.tensor([6, 2, 4, 1])


@dataclass(frozen=True)
class Case:
    """A task, a batch of its data, and how many losses there are in it."""

    task: Task
    batch: Batch
    asked: int


def batch_of(shape: str) -> tuple[Batch, int]:
    """Rows of different lengths, a stream's excepted, and the number of labels that they are asked for."""
    generator = torch.Generator().manual_seed(3)
    vectors = torch.randn(ROWS, STEPS, FEATURES, generator=generator)
    labels_BT = torch.randint(CLASSES, (ROWS, STEPS), generator=generator)
    padding_BT = torch.arange(STEPS) >= LENGTHS[:, None]
    if shape == "pairs":  # a target's steps are its own: symbols, the end, padding
        ended_BU = torch.arange(STEPS) == LENGTHS.flip(0)[:, None] - 1
        beyond_BU = torch.arange(STEPS) >= LENGTHS.flip(0)[:, None]
        targets = (labels_BT.clamp(min=1)).masked_fill(ended_BU, 0).masked_fill(beyond_BU, -1)
        return Batch(labels_BT.flip(1), targets, LENGTHS), int(LENGTHS.sum())
    if shape == "stream":
        ids = torch.randint(CLASSES, (ROWS, STEPS + 1), generator=generator)
        return Batch(ids[:, :-1], ids[:, 1:]), ROWS * STEPS
    if shape == "steps":
        marked_BT = torch.rand(ROWS, STEPS, generator=generator) < 0.6
        targets = labels_BT.masked_fill(~marked_BT | padding_BT, -1)
        return Batch(vectors, targets, LENGTHS), int((targets >= 0).sum())
    if shape == "numbers":
        return Batch(vectors, torch.rand(ROWS, generator=generator), LENGTHS), ROWS
    if shape == "series":
        return Batch(vectors, torch.rand(ROWS, AHEAD, generator=generator), LENGTHS), ROWS
    return Batch(vectors, labels_BT[:, 0], LENGTHS), ROWS


def made(name: str, **stack: Any) -> Case:
    torch.manual_seed(0)
    kind = registry.component("task", name)
    stream, symbols = kind.shape == "stream", kind.shape in ("stream", "pairs")
    classes = 0 if kind.shape in ("stream", "numbers", "series") else CLASSES
    embedding = "one_hot" if stream else "learned" if symbols else "none"
    spec = DataSpec(
        kind.shape, tuple("abcde") if symbols else (), 0 if symbols else FEATURES, classes,
        {"train": 8, "val": 4, "test": 4}, 0 if stream else STEPS, "", "0",
        target_symbols=("", *"vwxy") if kind.decodes else (),
        target_length={"series": AHEAD, "pairs": STEPS}.get(kind.shape, 0),
    )  # fmt: skip
    task = build_model(
        registry.component("cell", "gru").Config(name="gru", hidden_size=6),
        registry.component("embedding", embedding).Config(name=embedding),
        Stack.Config(dropout=0.0, depth=2, **stack),
        kind.Config(name=name),
        spec,
        registry.component("encoder", "recurrent").Config(name="recurrent"),
        registry.component("attention", "dot").Config(name="dot", feed=False),
    )
    batch, asked = batch_of(kind.shape)
    return Case(task, batch, asked)


def outputs(case: Case) -> Tensor:
    x_BTD, state, lengths = case.task.reads(case.batch)
    return case.task.stack(x_BTD, state, None, lengths)[0]


@pytest.fixture(params=registry.names("task"))
def case(request: pytest.FixtureRequest) -> Case:
    return made(request.param)


def test_their_mean_is_the_loss(case: Case) -> None:
    losses_BT = case.task.step_losses(outputs(case), case.batch)
    assert losses_BT.shape == (ROWS, STEPS)
    assert int((losses_BT != 0).sum()) == case.asked
    loss = case.task.loss(case.batch, None)[0]
    assert loss.item() == pytest.approx(losses_BT.sum().item() / case.asked, rel=1e-6)


def test_their_gradient_is_that_of_the_loss(case: Case) -> None:
    parameters = list(case.task.parameters())
    total = case.task.step_losses(outputs(case), case.batch).sum() / case.asked
    ours = torch.autograd.grad(total, parameters)
    theirs = torch.autograd.grad(case.task.loss(case.batch, None)[0], parameters)
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


def test_a_score_adds_up_to_the_loss(case: Case) -> None:
    with torch.no_grad():
        sums = {name: float(value) for name, value in case.task.score(case.batch, None)[0].items()}
        loss = case.task.loss(case.batch, None)[0].item()
    figures = case.task.metrics(sums)
    assert tuple(figures) == case.task.figures
    assert figures["loss"] == pytest.approx(loss, rel=1e-6)


def test_a_score_is_in_double_precision(case: Case) -> None:
    assert {value.dtype for value in case.task.score(case.batch, None)[0].values()} == {torch.float64}


def test_they_keep_the_precision_of_the_output(case: Case) -> None:
    single = case.task.step_losses(outputs(case), case.batch)
    y_BTH = outputs(case).double()
    double = case.task.double().step_losses(y_BTH, case.batch)
    assert double.dtype == torch.float64
    torch.testing.assert_close(double, single.double(), rtol=1e-4, atol=1e-6)


def test_what_stands_in_the_padding_changes_nothing(case: Case) -> None:
    if case.batch.lengths is None:
        pytest.skip("a stream has no padding")
    noisy = case.batch.inputs.clone()
    for row, length in enumerate(LENGTHS.tolist()):
        noisy[row, length:] = (
            4 - noisy[row, length:] if case.task.decodes else 100 * torch.randn(STEPS - length, FEATURES)
        )
    other = Case(case.task, Batch(noisy, case.batch.targets, LENGTHS), case.asked)
    clean, changed = (each.task.step_losses(outputs(each), each.batch) for each in (case, other))
    torch.testing.assert_close(clean, changed, rtol=0, atol=1e-6)
    ends = LENGTHS.flip(0) if case.task.decodes else LENGTHS
    assert (clean[torch.arange(STEPS) >= ends[:, None]] == 0).all()


KINDS = {name: registry.component("task", name) for name in registry.names("task")}


@pytest.mark.parametrize("name", [name for name, kind in KINDS.items() if kind.shape != "stream" and not kind.decodes])
def test_with_a_backward_cell_too(name: str) -> None:
    both = made(name, bidirectional=True)
    losses_BT = both.task.step_losses(outputs(both), both.batch)
    assert both.task.loss(both.batch, None)[0].item() == pytest.approx(losses_BT.sum().item() / both.asked, rel=1e-6)


def test_one_loss_for_a_sequence_stands_at_its_last_valid_step() -> None:
    for name in ("classification", "regression"):
        case = made(name)
        losses_BT = case.task.step_losses(outputs(case), case.batch)
        assert (losses_BT != 0).nonzero().tolist() == [[row, length - 1] for row, length in enumerate(LENGTHS.tolist())]
