"""What happens between chunks: loss, validation, best weights, checkpoint, and whether to go on."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor

from rnnlab.errors import WorkError
from rnnlab.training import checkpoints
from rnnlab.training.learner import Learner
from rnnlab.training.plan import Plan


class Diverged(WorkError):
    """A loss became NaN or infinite."""


class Reporter(Protocol):
    """Who is told of progress, and may end the run: "continue", "stop" (resumable) or "prune".

    heartbeat  after every chunk
    report     after every validation: the share of the run's budget that is behind it, in (0, 1], and its
               figures so far, with the keys that tracking has
    """

    def heartbeat(self, step: int) -> str: ...

    def report(self, share: float, figures: dict[str, float]) -> str: ...


@dataclass(slots=True)
class Progress:
    """What the supervisor has to remember across an interruption.

    best_value, best_loss: the task's criterion and the loss of the best weights, which most tasks have as one.
    """

    best_loss: float = math.inf
    best_value: float = math.inf
    best_step: int = 0
    validations_since_best: int = 0
    seconds: float = 0.0
    train_loss: float = math.nan
    figures: dict[str, float] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, float]:
        """All of it with the keys that tracking has; NaN or infinity for what is not known yet."""
        return {
            "train/loss": self.train_loss,
            **{f"val/{name}": value for name, value in self.figures.items()},
            "best/val_loss": self.best_loss,
            "best/step": self.best_step,
            "seconds": self.seconds,
        }


class Supervisor:
    """Called after every chunk; ``ended`` says afterwards why a run stopped early, or None.

    log(values, step) keeps points. validate() gives the figures of a validation, "loss" among them.
    show(step, train_loss) is for a progress bar. probe(step) looks at the model where the plan says so.
    """

    def __init__(
        self,
        learner: Learner,
        plan: Plan,
        folder: Path,
        validate: Callable[[], dict[str, float]],
        log: Callable[[dict[str, float], int], None],
        reporter: Reporter,
        patience: int | None,
        show: Callable[[int, float], None] = lambda step, loss: None,
        probe: Callable[[int], None] = lambda step: None,
    ) -> None:
        self.learner = learner
        self.plan = plan
        self.last, self.best = folder / "last.ckpt", folder / "best.ckpt"
        self.validate = validate
        self.log = log
        self.reporter = reporter
        self.patience = patience
        self.show = show
        self.probe = probe
        self.progress = Progress()
        self.ended: str | None = None
        self._clock = 0.0

    def start_clock(self) -> None:
        """Start counting training time; it stands still during validations, probes and checkpoints."""
        self._clock = time.perf_counter()

    def before_first(self) -> None:
        """What is due before the first window."""
        if self.learner.position == 0 and self.plan.probes_at(0):
            self.probe(0)

    def after_chunk(self, losses: Tensor) -> bool:
        """Returns whether the run goes on. Raises Diverged for a loss that is not finite."""
        step = self.learner.position
        self.progress.train_loss = self._mean_if_finite(losses.tolist(), step)
        self.progress.seconds += time.perf_counter() - self._clock
        beside = {f"train/{name}": value for name, value in self.learner.figures().items()}
        self.log({"train/loss": self.progress.train_loss, "learning_rate": self._rate(), **beside}, step)
        self.show(step, self.progress.train_loss)
        answer = self.reporter.heartbeat(step)
        if self.plan.validates_at(step):
            answer = max(answer, self._validated(step), key=("continue", "stop", "prune").index)
            if self.stopped_early():
                self.ended = "early"
        if answer == "prune" and step == self.plan.max_steps:
            answer = "continue"  # nothing is left to be saved
        if answer != "continue":
            self.ended = {"stop": "interrupted", "prune": "pruned"}[answer]
        if self.plan.probes_at(step) or (self.ended == "early" and self.plan.probe_at):
            self.probe(step)  # before a checkpoint: what one stands behind has been looked at
        if self.ended or self.plan.saves_at(step):
            self.save()
        self.start_clock()
        return self.ended is None

    def stopped_early(self) -> bool:
        """Whether ``patience`` validations in a row have brought no new best."""
        return self.patience is not None and self.progress.validations_since_best >= self.patience

    def save(self) -> None:
        """Write last.ckpt: all that going on needs."""
        checkpoints.save(self.last, {**self.learner.checkpoint(), "progress": asdict(self.progress)})

    def restore(self, content: dict[str, Any]) -> None:
        """Go on from the content of last.ckpt."""
        self.learner.restore(content)
        known = content["progress"]
        self.progress = Progress(**{"best_value": known.get("best_loss", math.inf), **known})

    def _validated(self, step: int) -> str:
        figures = self.validate()
        if not math.isfinite(figures["loss"]):
            raise diverged("validation loss", figures["loss"], step)
        self.progress.figures = figures
        self.log({f"val/{name}": value for name, value in figures.items()}, step)
        self.progress.validations_since_best += 1
        value = figures[self.learner.model.criterion]
        if value < self.progress.best_value:
            self.progress.best_value, self.progress.best_loss = value, figures["loss"]
            self.progress.best_step = step
            self.progress.validations_since_best = 0
            checkpoints.save(self.best, {"model": self.learner.model.state_dict(), "position": step})
        return self.reporter.report(step / self.plan.max_steps, self.progress.metrics)

    def _mean_if_finite(self, losses: list[float], step: int) -> float:
        for number, loss in enumerate(losses, start=step - len(losses) + 1):
            if not math.isfinite(loss):
                raise diverged("loss", loss, number)
        return math.fsum(losses) / len(losses)

    def _rate(self) -> float:
        return self.learner.recipe.learning_rate(self.learner.position - 1, self.plan.max_steps)


def diverged(what: str, value: float, step: int) -> Diverged:
    """The error for a loss that is no number any more."""
    return Diverged(
        f"the {what} became {value} at step {step}: try a lower optimizer.lr or a smaller optimizer.clip_norm"
    )
