"""The budget, the timed warm-up that leaves no trace, and the plan."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from rnnlab.data.contents import Batch
from rnnlab.errors import RequestError
from rnnlab.training.checkpoints import weights_sha256
from rnnlab.training.learner import Learner
from rnnlab.training.trainer import (
    Trainer,
    longest,
    make_plan,
    seconds_per_window,
    steps_in_budget,
    windows_per_chunk,
)

MakeLearner = Callable[..., Learner]


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("windows_before", [0, 3])
def test_warm_up_is_undone_to_the_bit(optimizer: str, windows_before: int, make_learner: MakeLearner) -> None:
    plain, warmed = (make_learner(optimizer=optimizer, dropout=0.3) for _ in range(2))
    for learner in (plain, warmed):
        for _ in range(windows_before):
            learner.train_window()
    before = weights_sha256(warmed.model.state_dict())
    assert seconds_per_window(warmed, 0.02) > 0
    assert weights_sha256(warmed.model.state_dict()) == before
    assert (warmed.position, warmed.max_steps) == (plain.position, plain.max_steps)
    for _ in range(15):
        assert torch.equal(plain.train_window(), warmed.train_window())
    assert weights_sha256(plain.model.state_dict()) == weights_sha256(warmed.model.state_dict())
    torch.testing.assert_close(plain.state, warmed.state, rtol=0, atol=0)


@pytest.mark.parametrize(
    ("settings", "steps"),
    [
        ({"max_steps": 7}, 7),
        ({"max_epochs": 3}, 30),
        ({"max_epochs": 0.5}, 5),
        ({"max_epochs": 0.001}, 1),
        ({"max_steps": 7, "max_epochs": 3}, 7),
        ({"max_steps": 70, "max_epochs": 3}, 30),
    ],
)
def test_budget_in_steps_and_passes(settings: dict[str, float], steps: int, make_learner: MakeLearner) -> None:
    assert steps_in_budget(Trainer.Config(**settings), make_learner()) == steps


def test_budget_in_minutes_becomes_steps(make_learner: MakeLearner) -> None:
    """Six milliseconds hold at least one window; the warm-up that measures it leaves the learner alone."""
    learner = make_learner()
    before = weights_sha256(learner.model.state_dict())
    assert 1 <= steps_in_budget(Trainer.Config(max_minutes=1e-4), learner) < 1000
    assert weights_sha256(learner.model.state_dict()) == before and learner.position == 0


def test_plan_takes_the_learner_s_length(make_learner: MakeLearner) -> None:
    learner = make_learner()
    plan = make_plan(Trainer.Config(val_every=3, checkpoint_every=4), learner)
    assert (plan.max_steps, plan.windows_per_epoch, plan.val_every, plan.checkpoint_every) == (50, 10, 3, 4)
    assert plan.windows_per_chunk == windows_per_chunk(learner) == 32


@pytest.mark.parametrize(
    ("inputs", "targets", "steps"),
    [
        ((4, 20), (4, 20), 20),  # a stream
        ((4, 20, 3), (4,), 20),  # vectors with a class each
        ((4, 12), (4, 13), 13),  # pairs, whose target has an end
        ((4, 12), (4, 5), 12),
        ((4, 3, 32, 32), (4, 18), 18),  # pictures with a sentence each: channels are no steps
    ],
)
def test_the_steps_of_a_batch_are_those_of_its_longest_sequence(
    inputs: tuple[int, ...], targets: tuple[int, ...], steps: int
) -> None:
    assert longest(Batch(torch.zeros(inputs), torch.zeros(targets))) == steps


@pytest.mark.parametrize("key", ["max_steps", "max_epochs", "max_minutes", "patience", "val_every", "checkpoint_every"])
def test_settings_out_of_range(key: str) -> None:
    with pytest.raises(RequestError, match=rf"^trainer\.{key} = 0"):
        Trainer.Config(**{key: 0})


@pytest.mark.parametrize(("max_steps", "validations", "steps"), [(100, 20, 5), (101, 20, 6), (7, 20, 1), (100, 1, 100)])
def test_validations_are_spread_evenly_over_the_run(
    max_steps: int, validations: int, steps: int, make_learner: MakeLearner
) -> None:
    learner = make_learner()
    learner.max_steps = max_steps
    plan = make_plan(Trainer.Config(validations=validations), learner)
    assert plan.val_every == steps
    assert sum(plan.validates_at(step) for step in range(1, max_steps + 1)) <= validations
