"""One run's learning, window by window: model, optimizer, carried state and position.

This is all that a checkpoint has to hold. It knows nothing of Lightning, of logging or of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from rnnlab.data.contents import Batch
from rnnlab.models.stack import StackState
from rnnlab.models.tasks.base import Task
from rnnlab.training.bptt import CarriedState, Windows, cut
from rnnlab.training.omega import Omega
from rnnlab.training.optimizers.base import Optimizer
from rnnlab.training.seeds import reseed


class Learner:
    """Trains ``model`` on ``windows``; ``position`` counts the windows done since the run began."""

    def __init__(
        self,
        model: Task,
        optimizer: Optimizer,
        windows: Windows,
        carried: CarriedState,
        seed: int,
        device: torch.device,
        autocast: torch.dtype | None = None,
        omega: float = 0.0,
    ) -> None:
        """``omega``: the factor on the regulariser of that name, 0 for none."""
        self.model = model.to(device)
        self.recipe = optimizer
        self.windows = windows
        self.carried = carried
        self.seed = seed
        self.device = device
        self.autocast = autocast
        self.omega = Omega(omega, model.stack) if omega else None
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.optimizer = optimizer.make(self.parameters)
        self.state: StackState | None = None
        self.position = 0
        self.max_steps = 0

    def train_window(self) -> Tensor:
        """Train on the next window; returns its mean loss (a scalar on the device, cut from the graph)."""
        epoch, index = divmod(self.position, self.windows.windows_per_epoch)
        reseed(self.seed, self.position)
        batch = self.windows.batch(epoch, index).to(self.device)
        start = None if index == 0 or self.carried is CarriedState.fresh else self.state
        if self.omega is None:
            loss, state = self._loss(batch, start)
            loss.backward()
        else:
            loss, state = self.omega.gradients(lambda: self._loss(batch, start), self.parameters)
        self._update()
        self.state = cut(state)
        self.position += 1
        return loss.detach()

    def figures(self) -> dict[str, float]:
        """What is followed over training beside the loss, as it was in the last window."""
        if self.omega is None or self.omega.last is None:
            return {}
        return {"omega": float(self.omega.last)}

    def _loss(self, batch: Batch, start: StackState | None) -> tuple[Tensor, StackState]:
        with torch.autocast(self.device.type, dtype=self.autocast, enabled=self.autocast is not None):
            return self.model.loss(batch, start)

    def _update(self) -> None:
        self.recipe.clip(self.parameters)
        rate = self.recipe.learning_rate(self.position, self.max_steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)

    def checkpoint(self) -> dict[str, Any]:
        """Everything that the next window depends on, on the CPU side of ``checkpoints.save``."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "state": self.state,
            "position": self.position,
            "max_steps": self.max_steps,
        }

    def restore(self, content: dict[str, Any]) -> None:
        """Go back to what ``checkpoint`` returned."""
        self.model.load_state_dict(content["model"])
        self.optimizer.load_state_dict(content["optimizer"])
        self.state = on_device(content["state"], self.device)
        self.position = content["position"]
        self.max_steps = content["max_steps"]


def on_device(state: Sequence[Sequence[Tensor]] | None, device: torch.device) -> StackState | None:
    return None if state is None else tuple(tuple(part.to(device) for part in layer) for layer in state)
