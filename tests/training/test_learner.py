"""The learner: a checkpoint holds all that the next window depends on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.training import checkpoints
from rnnlab.training.bptt import CarriedState
from rnnlab.training.checkpoints import weights_sha256
from rnnlab.training.device import Precision
from rnnlab.training.learner import Learner

MakeLearner = Callable[..., Learner]
WINDOWS = 24
"""More than two passes: there are ten windows in one."""


def trained(learner: Learner, windows: int) -> list[float]:
    return [learner.train_window().item() for _ in range(windows)]


def sha(learner: Learner) -> str:
    return weights_sha256(learner.model.state_dict())


@pytest.mark.parametrize("optimizer", registry.names("optimizer"))
def test_restored_at_any_window_it_goes_on_to_the_bit(
    optimizer: str, tmp_path: Path, make_learner: MakeLearner
) -> None:
    undisturbed = make_learner(optimizer=optimizer, dropout=0.3, depth=2)
    losses = []
    for window in range(WINDOWS):
        checkpoints.save(tmp_path / f"{window}.ckpt", undisturbed.checkpoint())
        losses += trained(undisturbed, 1)
    for window in range(WINDOWS):
        learner = make_learner(optimizer=optimizer, dropout=0.3, depth=2)
        torch.manual_seed(1234)
        trained(learner, 3)  # a used learner must be set back wholly
        learner.restore(checkpoints.load(tmp_path / f"{window}.ckpt"))
        assert learner.position == window and learner.max_steps == 50
        assert trained(learner, WINDOWS - window) == losses[window:]
        assert sha(learner) == sha(undisturbed)
        torch.testing.assert_close(learner.state, undisturbed.state, rtol=0, atol=0)


LASTING = {"variational": True, "zoneout": 0.2, "drop_connect": 0.3, "learned_state": True, "layer_norm": True}


def test_masks_of_a_stream_are_restored_to_the_bit(tmp_path: Path, make_learner: MakeLearner) -> None:
    """Documents begin inside windows, and a pass ends at the tenth: there, and only there, are weights' masks new."""
    settings = {"dropout": 0.3, "depth": 2, "documents": [0, 17, 33, 64, 90], "stack": LASTING, "backend": "loop"}
    undisturbed = make_learner(**settings)
    losses, weight_masks = [], []
    for window in range(WINDOWS):
        checkpoints.save(tmp_path / f"{window}.ckpt", undisturbed.checkpoint())
        losses += trained(undisturbed, 1)
        weight_masks.append(undisturbed.state[0][-1])
    passes = [weight_masks[:10], weight_masks[10:20], weight_masks[20:]]
    assert all(torch.equal(mask, begun[0]) for begun in passes for mask in begun)
    assert not torch.equal(passes[0][0], passes[1][0])
    for window in (1, 5, 9, 10, 13, 23):
        learner = make_learner(**settings)
        trained(learner, 3)
        learner.restore(checkpoints.load(tmp_path / f"{window}.ckpt"))
        assert trained(learner, WINDOWS - window) == losses[window:]
        assert sha(learner) == sha(undisturbed)
        torch.testing.assert_close(learner.state, undisturbed.state, rtol=0, atol=0)


@pytest.mark.parametrize("carried", list(CarriedState))
def test_masks_in_half_precision(carried: CarriedState, make_learner: MakeLearner) -> None:
    learner = make_learner(
        precision=Precision.bfloat16, carried=carried, documents=[0, 17], dropout=0.3, stack=LASTING, backend="loop"
    )
    assert all(np.isfinite(trained(learner, 12)))
    masks = {part.dtype for part in learner.state[0][2:]}
    assert masks == {torch.float32}


def test_draws_in_between_change_nothing(make_learner: MakeLearner) -> None:
    first, second = (make_learner(dropout=0.5) for _ in range(2))
    for _ in range(12):
        trained(first, 1)
        torch.manual_seed(0)
        torch.rand(100)
        make_learner(seed=9, dropout=0.5).train_window()
        trained(second, 1)
    assert sha(first) == sha(second)


def test_another_seed_is_another_run(make_learner: MakeLearner) -> None:
    first, second = make_learner(), make_learner(seed=1)
    assert sha(first) != sha(second)
    second.model.load_state_dict(first.model.state_dict())
    assert trained(first, 5) == trained(second, 5), "without dropout a stream has no other use of the seed"


SLOW = {"antisymmetric", "cornn", "gated_antisymmetric", "rglru"}
"""Cells that start as slow integrators: what they read hardly moves them in a window of five steps."""


@pytest.mark.parametrize("cell", registry.names("cell"))
@pytest.mark.parametrize("precision", Precision)
def test_it_learns(cell: str, precision: Precision, make_learner: MakeLearner) -> None:
    rhythm = np.tile(np.array([0, 1, 0, 2], dtype=np.uint8), 26)
    quick = {"dt": 0.3} if cell == "cornn" else {}
    learner = make_learner(ids=rhythm, cell=cell, of_cell=quick, precision=precision, lr=0.05, warmup_steps=0)
    learner.max_steps = 400 if cell in SLOW else 50
    losses = trained(learner, learner.max_steps)
    assert sum(losses[-10:]) < 0.8 * sum(losses[:10])
    assert all(weight.dtype == torch.float32 for weight in learner.model.parameters())


def test_rate_follows_the_schedule_over_the_run(make_learner: MakeLearner) -> None:
    learner = make_learner(lr=0.1, warmup_steps=2)
    for step in range(5):
        trained(learner, 1)
        assert learner.optimizer.param_groups[0]["lr"] == learner.recipe.learning_rate(step, 50)


def test_no_gradient_is_left_for_the_next_window(make_learner: MakeLearner) -> None:
    learner = make_learner()
    trained(learner, 1)
    assert all(weight.grad is None for weight in learner.model.parameters())
    assert not any(part.requires_grad for layer in learner.state or () for part in layer)


def test_gradients_are_clipped(make_learner: MakeLearner) -> None:
    settings = {"optimizer": "sgd", "lr": 1.0, "warmup_steps": 0, "schedule": "constant"}
    learner = make_learner(clip_norm=1e-3, **settings)
    before = torch.cat([weight.detach().flatten() for weight in learner.model.parameters()])
    trained(learner, 1)
    after = torch.cat([weight.detach().flatten() for weight in learner.model.parameters()])
    assert (after - before).norm().item() == pytest.approx(1e-3, rel=1e-3)
