"""The one LightningModule: each of its steps is a chunk of windows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytorch_lightning as lightning
import torch
from torch import Tensor

from rnnlab.training.learner import Learner
from rnnlab.training.plan import Plan
from rnnlab.training.stopping import present_handlers, put_back
from rnnlab.training.supervisor import Supervisor


class ChunkLoader:
    """The plan's remaining chunks, as Lightning's train loader: each item is a number of windows."""

    def __init__(self, plan: Plan, position: int) -> None:
        self.sizes = [len(chunk) for chunk in plan.chunks(position)]

    def __len__(self) -> int:
        return len(self.sizes)

    def __iter__(self) -> Iterator[int]:
        return iter(self.sizes)


class RecurrentModule(lightning.LightningModule):
    """Hands Lightning's loop to the learner, and the end of each chunk to the supervisor.

    Optimization is manual because a chunk holds several updates. One Lightning epoch is what remains
    of the run, so that the same loop begins a run and resumes it.
    """

    def __init__(self, learner: Learner, plan: Plan, supervisor: Supervisor) -> None:
        super().__init__()
        self.automatic_optimization = False
        self.model = learner.model
        self.learner = learner
        self.plan = plan
        self.supervisor = supervisor
        self.handlers = present_handlers()

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return self.learner.optimizer

    def train_dataloader(self) -> ChunkLoader:
        return ChunkLoader(self.plan, self.learner.position)

    def on_train_start(self) -> None:
        put_back(self.handlers)  # Lightning's own for SIGTERM would end the process without a word
        self.supervisor.start_clock()

    def training_step(self, windows: int, index: int) -> dict[str, Tensor]:
        return {"losses": torch.stack([self.learner.train_window() for _ in range(windows)])}

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        if not self.supervisor.after_chunk(outputs["losses"]):
            self.trainer.should_stop = True
