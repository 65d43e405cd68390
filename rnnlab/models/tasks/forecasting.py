"""The next values of a series, all at once."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.data.base import Batch, DataSpec
from rnnlab.models.stack import StackState
from rnnlab.models.tasks.regression import Regression


class Forecasting(Regression):
    """As many numbers as the future of a window has steps, read off the end of its past (direct forecasting).

    The loss is the squared error, the mean over those steps; ``mae`` the mean absolute error. Both are in units of
    the training part's standard deviation.
    """

    shape = "series"
    figures = ("loss", "rmse", "mae")

    def outputs(self, spec: DataSpec) -> int:
        return spec.target_length

    def numbers(self, y_BTH: Tensor, lengths_B: Tensor | None) -> Tensor:
        """What the head reads off the ends: (B, U)."""
        predicted_BU: Tensor = self.head(self.stack.ends(y_BTH, lengths_B))
        return predicted_BU

    def squared(self, predicted: Tensor, batch: Batch) -> Tensor:
        """The squared error of each row, its mean over the steps ahead: (B,)."""
        return (predicted - batch.targets).square().mean(dim=1)

    def score(self, batch: Batch, state: StackState | None) -> tuple[dict[str, Tensor], StackState]:
        predicted_BU, state = self(batch.inputs, None, None, batch.lengths)
        absolute_B = (predicted_BU - batch.targets).abs().mean(dim=1)
        sums = {
            "squared": self.squared(predicted_BU, batch).sum(dtype=torch.float64),
            "absolute": absolute_B.sum(dtype=torch.float64),
            "count": torch.tensor(len(batch.targets), dtype=torch.float64),
        }
        return sums, state

    def metrics(self, sums: dict[str, float]) -> dict[str, float]:
        return Regression.metrics(self, sums) | {"mae": sums["absolute"] / sums["count"]}
