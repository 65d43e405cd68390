"""The budget of a run and the cadence of what happens in it, and the fit through Lightning."""

from __future__ import annotations

import logging
import math
import time
import warnings
from copy import deepcopy
from dataclasses import dataclass

from rnnlab.config.schema import ComponentConfig, aside, require
from rnnlab.data.contents import Batch
from rnnlab.training.learner import Learner
from rnnlab.training.plan import Plan
from rnnlab.training.supervisor import Supervisor

DEFAULT_MINUTES = 3.0
WARM_UP_SHARE = 0.02
"""Share of a budget in minutes that its timed warm-up takes, within 1 to 5 seconds."""


class Trainer:
    """How long a run trains, and what happens on the way."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """max_steps, max_epochs, max_minutes: the budget; the smallest counts, and 3 minutes where none is given.

        Steps are windows. Minutes are training time only, and are turned into steps once, by a timed
        warm-up that is undone. val_every and checkpoint_every are in steps; validations: so many of them, evenly
        over the run, in place of val_every, for runs whose length is not known in steps. patience: validations without
        a new best after which the run stops; null for never. final: whether the end of the run measures
        its best weights on one stream, beside n-grams, and on the test part.
        """

        max_steps: int | None = None
        max_epochs: float | None = None
        max_minutes: float | None = None
        val_every: int = 250
        validations: int | None = None
        checkpoint_every: int = aside(250)
        patience: int | None = None
        final: bool = aside(True)

        def __post_init__(self) -> None:
            for name in ("max_steps", "max_epochs", "max_minutes", "validations", "patience"):
                value = getattr(self, name)
                require(value is None or value > 0, f"trainer.{name}", value, "it must be above 0, or null")
            for name in ("val_every", "checkpoint_every"):
                require(getattr(self, name) >= 1, f"trainer.{name}", getattr(self, name), "it must be at least 1")


def steps_in_budget(config: Trainer.Config, learner: Learner) -> int:
    """The run's length in windows. A budget in minutes is measured on the run's own first windows."""
    steps = [] if config.max_steps is None else [config.max_steps]
    if config.max_epochs is not None:
        steps.append(max(1, round(config.max_epochs * learner.windows.windows_per_epoch)))
    minutes = config.max_minutes if config.max_minutes or steps else DEFAULT_MINUTES
    if minutes is not None:
        warm_up = min(5.0, max(1.0, WARM_UP_SHARE * 60 * minutes))
        steps.append(max(1, round(60 * minutes / seconds_per_window(learner, warm_up))))
    return min(steps)


def seconds_per_window(learner: Learner, at_least: float) -> float:
    """Train for ``at_least`` seconds, take the mean time of a window, and undo it all."""
    before = deepcopy(learner.checkpoint())
    learner.max_steps = 1_000_000
    for _ in range(3):
        learner.train_window().item()
    count, start = 0, time.perf_counter()
    while time.perf_counter() - start < at_least:
        learner.train_window().item()
        count += 1
    seconds = (time.perf_counter() - start) / count
    learner.restore(before)
    return seconds


def windows_per_chunk(learner: Learner) -> int:
    """How many windows make about two tenths of a second: between 1 and 32.

    Lightning's cost for each of its steps is then spread over a chunk, and a request to stop is still
    heard soon. Counted from operations and not from time, so that it is the same in every repetition.
    """
    batch = learner.windows.batch(0, 0)
    operations = 6 * sum(p.numel() for p in learner.parameters) * len(batch.targets) * longest(batch)
    per_chunk = 2e10 if learner.device.type == "cpu" else 2e12
    return max(1, min(32, round(per_chunk / operations)))


def longest(batch: Batch) -> int:
    """Steps of what is read, unless that is a picture, or of what is written about it: the larger number."""
    is_picture = batch.inputs.dim() == 4
    read = 1 if is_picture else batch.inputs.shape[1]
    written = batch.targets.shape[1] if batch.targets.dim() == 2 else 1
    return max(read, written)


def make_plan(config: Trainer.Config, learner: Learner, probe_at: tuple[int, ...] = ()) -> Plan:
    val_every = config.val_every if config.validations is None else math.ceil(learner.max_steps / config.validations)
    return Plan(
        max_steps=learner.max_steps,
        windows_per_epoch=learner.windows.windows_per_epoch,
        windows_per_chunk=windows_per_chunk(learner),
        val_every=val_every,
        checkpoint_every=config.checkpoint_every,
        probe_at=probe_at,
    )


def fit(learner: Learner, plan: Plan, supervisor: Supervisor) -> None:
    """Train from the learner's position to the plan's end, or until the supervisor stops it."""
    import pytorch_lightning as lightning

    from rnnlab.training.module import RecurrentModule

    logging.getLogger("pytorch_lightning").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="pytorch_lightning")
        trainer = lightning.Trainer(
            accelerator="gpu" if learner.device.type == "cuda" else "cpu",
            devices=1,
            max_epochs=1,
            barebones=True,
        )
        trainer.fit(RecurrentModule(learner, plan, supervisor))
