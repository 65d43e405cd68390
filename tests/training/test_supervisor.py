"""What happens after a chunk: the points, the best weights, the checkpoint, and who may end a run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import torch

from rnnlab.training import checkpoints
from rnnlab.training.learner import Learner
from rnnlab.training.plan import Plan
from rnnlab.training.supervisor import Diverged, Supervisor

MakeLearner = Callable[..., Learner]


MAX_STEPS = 12


@dataclass
class Answers:
    """A reporter whose answers are written down beforehand; it notes what it was told."""

    heartbeats: dict[int, str] = field(default_factory=dict)
    reports: dict[int, str] = field(default_factory=dict)
    told: list[tuple[int, float]] = field(default_factory=list)

    def heartbeat(self, step: int) -> str:
        return self.heartbeats.get(step, "continue")

    def report(self, share: float, figures: dict[str, float]) -> str:
        step = round(share * MAX_STEPS)
        self.told.append((step, figures["val/loss"]))
        return self.reports.get(step, "continue")


@dataclass
class Scene:
    """A supervisor over a learner whose chunks are done by hand, with validation losses given beforehand."""

    learner: Learner
    folder: Path
    losses: list[float]
    answers: Answers = field(default_factory=Answers)
    patience: int | None = None
    points: list[tuple[str, int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.learner.max_steps = MAX_STEPS
        plan = Plan(max_steps=MAX_STEPS, windows_per_epoch=10, windows_per_chunk=2, val_every=4, checkpoint_every=6)
        losses = iter(self.losses)
        self.supervisor = Supervisor(
            self.learner,
            plan,
            self.folder,
            lambda: {"loss": next(losses)},
            lambda values, step: self.points.extend((key, step, value) for key, value in values.items()),
            self.answers,
            self.patience,
        )
        self.supervisor.start_clock()

    def run(self) -> list[int]:
        """Chunk after chunk, as far as the supervisor lets it; the steps at which chunks ended."""
        ends = []
        for chunk in self.supervisor.plan.chunks(self.learner.position):
            losses = torch.stack([self.learner.train_window() for _ in chunk])
            ends.append(chunk.stop)
            if not self.supervisor.after_chunk(losses):
                break
        return ends

    def saved_at(self, name: str) -> int:
        return int(checkpoints.load(self.folder / name)["position"])


def test_undisturbed(tmp_path: Path, make_learner: MakeLearner) -> None:
    scene = Scene(make_learner(), tmp_path, [3.0, 2.0, 2.5])
    assert scene.run() == [2, 4, 6, 8, 10, 12]
    assert scene.supervisor.ended is None
    assert [(key, step) for key, step, _ in scene.points if key == "train/loss"] == [
        ("train/loss", step) for step in (2, 4, 6, 8, 10, 12)
    ]
    assert [(step, value) for key, step, value in scene.points if key == "val/loss"] == [(4, 3.0), (8, 2.0), (12, 2.5)]
    assert scene.answers.told == [(4, 3.0), (8, 2.0), (12, 2.5)]
    progress = scene.supervisor.progress
    assert (progress.best_loss, progress.best_step, progress.validations_since_best) == (2.0, 8, 1)
    assert (scene.saved_at("last.ckpt"), scene.saved_at("best.ckpt")) == (12, 8)
    assert progress.seconds > 0


def test_train_loss_is_the_chunk_s_mean(tmp_path: Path, make_learner: MakeLearner) -> None:
    scene = Scene(make_learner(), tmp_path, [])
    scene.learner.position = 2
    scene.supervisor.after_chunk(torch.tensor([1.0, 2.5]))
    rate = scene.learner.recipe.learning_rate(1, 12)
    assert scene.points == [("train/loss", 2, 1.75), ("learning_rate", 2, rate)]


def test_the_regulariser_is_followed(tmp_path: Path, make_learner: MakeLearner) -> None:
    scene = Scene(make_learner(omega=0.5), tmp_path, [3.0, 2.0, 2.5])
    scene.run()
    followed = {step: value for key, step, value in scene.points if key == "train/omega"}
    assert list(followed) == [2, 4, 6, 8, 10, 12] and all(value > 0 for value in followed.values())


@pytest.mark.parametrize(("answer", "ended"), [("stop", "interrupted"), ("prune", "pruned")])
@pytest.mark.parametrize("asked_by", ["heartbeats", "reports"])
def test_a_reporter_can_end_a_run(
    answer: str, ended: str, asked_by: str, tmp_path: Path, make_learner: MakeLearner
) -> None:
    scene = Scene(make_learner(), tmp_path, [3.0, 2.0, 2.5], Answers(**{asked_by: {8: answer}}))
    assert scene.run() == [2, 4, 6, 8]
    assert scene.supervisor.ended == ended
    assert scene.saved_at("last.ckpt") == 8, "it can go on from there"


def test_prune_outweighs_stop(tmp_path: Path, make_learner: MakeLearner) -> None:
    scene = Scene(make_learner(), tmp_path, [3.0], Answers({4: "stop"}, {4: "prune"}))
    scene.run()
    assert scene.supervisor.ended == "pruned"


def test_stopped_after_any_chunk_it_goes_on_as_if_nothing_had_been(tmp_path: Path, make_learner: MakeLearner) -> None:
    """The validations included: none is left out, none is done twice."""
    losses = [3.0, 2.0, 2.5]
    (tmp_path / "undisturbed").mkdir()
    undisturbed = Scene(make_learner(), tmp_path / "undisturbed", losses)
    undisturbed.run()
    for step in (2, 4, 6, 8, 10):
        folder = tmp_path / str(step)
        folder.mkdir()
        first = Scene(make_learner(), folder, losses, Answers({step: "stop"}))
        first.run()
        second = Scene(make_learner(), folder, losses[step // 4 :])
        second.supervisor.restore(checkpoints.load(folder / "last.ckpt"))
        second.run()
        assert first.points + second.points == undisturbed.points
        wanted, found = undisturbed.supervisor.progress, second.supervisor.progress
        assert (found.best_loss, found.best_step) == (wanted.best_loss, wanted.best_step)
        assert found.validations_since_best == wanted.validations_since_best


def test_early_stopping(tmp_path: Path, make_learner: MakeLearner) -> None:
    scene = Scene(make_learner(), tmp_path, [3.0, 3.0, 1.0], patience=1)
    assert scene.run() == [2, 4, 6, 8], "an equal loss is no new best"
    assert scene.supervisor.ended == "early" and scene.supervisor.stopped_early()
    assert (scene.saved_at("last.ckpt"), scene.saved_at("best.ckpt")) == (8, 4)


def test_patience_counts_validations_in_a_row(tmp_path: Path, make_learner: MakeLearner) -> None:
    scene = Scene(make_learner(), tmp_path, [3.0, 4.0, 2.0], patience=2)
    assert scene.run()[-1] == 12
    assert scene.supervisor.ended is None


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_train_loss_that_is_no_number(value: float, tmp_path: Path, make_learner: MakeLearner) -> None:
    scene = Scene(make_learner(), tmp_path, [])
    scene.learner.position = 4
    with pytest.raises(Diverged, match=rf"the loss became {value} at step 3: try a lower optimizer\.lr"):
        scene.supervisor.after_chunk(torch.tensor([value, 1.0]))
    assert not scene.points and not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_validation_loss_that_is_no_number(value: float, tmp_path: Path, make_learner: MakeLearner) -> None:
    """The last update can break weights that no later training loss will tell of."""
    scene = Scene(make_learner(), tmp_path, [value])
    with pytest.raises(Diverged, match=rf"the validation loss became {value} at step 4"):
        scene.run()
    assert not (tmp_path / "best.ckpt").exists()
