"""Models for lessons: put together as a run's are, and trained in place, without a folder or a store."""

from __future__ import annotations

from collections.abc import Iterator

from rnnlab.config.compose import compose
from rnnlab.experiment import Experiment
from rnnlab.lessons.base import Bar
from rnnlab.parts import Parts, Show, assemble
from rnnlab.training.learner import Learner

Settings = tuple[str, ...]
"""Words of a command line, as ``cell.hidden_size=128``."""


def composed(*overrides: str) -> Experiment:
    """The experiment of ``rnnlab train OVERRIDES``, on the CPU."""
    return compose([*overrides, "device=cpu"]).experiment


def assembled(*overrides: str) -> Parts:
    """Its data, model and learner, with initial weights."""
    return assemble(composed(*overrides), Show())


def trained(learner: Learner, steps: int, bar: Bar) -> Iterator[float]:
    """Train for so many windows more; gives the loss of each."""
    learner.max_steps = learner.position + steps
    for step in range(1, steps + 1):
        loss = float(learner.train_window())
        bar(step, steps, f"loss {loss:.3f}")
        yield loss
