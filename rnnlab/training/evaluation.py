"""Measure a model on a split, without touching anything that training depends on."""

from __future__ import annotations

from collections.abc import Callable

import torch

from rnnlab.models.stack import StackState
from rnnlab.models.tasks.base import Task
from rnnlab.training.bptt import CarriedState, Windows

Sums = dict[str, float]


@torch.inference_mode()
def evaluate(
    model: Task,
    windows: Windows,
    carried: CarriedState,
    device: torch.device,
    progress: Callable[[int, int], None] | None = None,
) -> list[Sums]:
    """The sums of each window of one pass, in order (``Task.metrics`` turns added sums into figures).

    State is carried over the pass as it is in training. ``progress(done, total)`` is called for each window.
    """
    was_training = model.training
    model.eval()
    sums: list[dict[str, torch.Tensor]] = []
    state: StackState | None = None
    for index in range(windows.windows_per_epoch):
        batch = windows.batch(0, index).to(device)
        window_sums, state = model.score(batch, state if carried is CarriedState.carried else None)
        sums.append(window_sums)
        if progress is not None:
            progress(index + 1, windows.windows_per_epoch)
    model.train(was_training)
    return [{name: float(value) for name, value in window.items()} for window in sums]


def added(sums: list[Sums]) -> Sums:
    """The sums of all windows together."""
    return {name: sum(window[name] for window in sums) for name in sums[0]}
