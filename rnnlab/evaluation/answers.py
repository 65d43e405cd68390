"""What a trained model says of every item of a split, beside what is true.

Shapes: N answers, U steps ahead of a series.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from rnnlab.data.contents import Batch
from rnnlab.models.tasks.base import Task
from rnnlab.training.bptt import Windows

NOT_ASKED = -1


@dataclass(frozen=True, slots=True)
class Answers:
    """said, true   classes or numbers (N,), or numbers to come (N, U)
    steps           valid steps of the item in which each answer was asked for, int64 (N,)
    """

    said: np.ndarray
    true: np.ndarray
    steps: np.ndarray

    @property
    def are_classes(self) -> bool:
        return self.true.dtype.kind == "i"


@torch.inference_mode()
def answers(model: Task, windows: Windows, device: torch.device) -> Answers | None:
    """All answers in the order of the data, in evaluation mode; None for a task that has no answers to compare."""
    was_training = model.training
    model.eval()
    said: list[np.ndarray] = []
    true: list[np.ndarray] = []
    steps: list[np.ndarray] = []
    for index in range(windows.windows_per_epoch):
        batch = windows.batch(0, index).to(device)
        given = model.answers(batch)
        if given is None:
            break
        for found, kept in zip((said, true, steps), asked(given, batch), strict=True):
            found.append(kept.cpu().numpy())
    model.train(was_training)
    return Answers(*(np.concatenate(found) for found in (said, true, steps))) if said else None


def asked(given: torch.Tensor, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Said, true and steps of one batch; of classes at each step, only where one is asked for."""
    rows, longest = batch.inputs.shape[:2]
    steps_B = torch.full((rows,), longest, device=given.device) if batch.lengths is None else batch.lengths
    if batch.targets.is_floating_point() or batch.targets.dim() == 1:
        return given, batch.targets, steps_B
    asked_BT = batch.targets != NOT_ASKED
    return given[asked_BT], batch.targets[asked_BT], steps_B[:, None].expand_as(asked_BT)[asked_BT]
