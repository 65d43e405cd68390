"""The figures of a finished run: its best weights, on one stream, with an interval over blocks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from rnnlab.models.tasks.base import Task
from rnnlab.statistics import mean_interval
from rnnlab.training.bptt import CarriedState, Windows
from rnnlab.training.evaluation import Sums, added, evaluate

BLOCKS = 20
STREAM_WINDOW = 1024
"""Steps of a window of a single stream: long, since with one row only length fills the machine."""


@dataclass(frozen=True, slots=True)
class Measured:
    """metrics: figures over the whole split. low, high: 95 % interval of the loss, from ``BLOCKS`` blocks."""

    metrics: dict[str, float]
    low: float
    high: float

    def keyed(self, split: str) -> dict[str, float]:
        """As tracked: ``test/loss``, ``test/loss_low``, ``test/loss_high``, ..."""
        return {
            **{f"{split}/{name}": value for name, value in self.metrics.items()},
            f"{split}/loss_low": self.low,
            f"{split}/loss_high": self.high,
        }


def measure(
    model: Task,
    windows: Windows,
    carried: CarriedState,
    device: torch.device,
    progress: Callable[[int, int], None] | None = None,
) -> Measured:
    """Evaluate one pass. The interval is Student's, over the means of consecutive blocks.

    Neighbouring symbols are not independent; blocks of thousands of them nearly are.
    """
    sums = evaluate(model, windows, carried, device, progress)
    metrics = model.metrics(added(sums))
    means = [model.metrics(added(block))["loss"] for block in blocks(sums)]
    interval = mean_interval(means)
    # Around the figure itself, not around the mean of the blocks: a short last block weighs less.
    half = (interval.high - interval.low) / 2
    return Measured(metrics, metrics["loss"] - half, metrics["loss"] + half)


def blocks(sums: list[Sums]) -> list[list[Sums]]:
    """Consecutive groups of windows, as equal as can be; at most ``BLOCKS`` of them."""
    count = min(BLOCKS, len(sums))
    edges = [round(i * len(sums) / count) for i in range(count + 1)]
    return [sums[start:stop] for start, stop in zip(edges, edges[1:], strict=False)]
