"""The next values of a series, all at once.

Shapes: B batch, P steps of a past, D features, U steps ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.config.schema import late
from rnnlab.data.contents import Batch
from rnnlab.data.spec import DataSpec
from rnnlab.models.pooling import valid
from rnnlab.models.stack import StackState
from rnnlab.models.tasks.base import at_last_step
from rnnlab.models.tasks.regression import Regression

SMALLEST = 1e-5
"""Added to the variance of a past before its root is taken, as Kim et al. do: a past may be constant."""


class Forecasting(Regression):
    """As many numbers as the future of a window has steps, read off the end of its past (direct forecasting).

    The loss is the squared error, the mean over those steps; ``mae`` the mean absolute error. Both are in units of
    the training part's standard deviation, whatever the network reads.

    With ``own_units`` each past is read less its own mean, in units of its own deviation, and what the head says is put
    back by those of the series (Kim et al. 2022, reversible instance normalisation, without its learned scale). So a
    window that is higher or wider than those of train is no news to the network.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Regression.Config):
        """own_units: whether each past is read in units of its own."""

        own_units: bool = late(False)

    shape = "series"
    figures = ("loss", "rmse", "mae")
    config: Config

    def outputs(self, spec: DataSpec) -> int:
        return spec.target_length

    def forward(
        self,
        inputs: Tensor,
        state: StackState | None = None,
        reset: Tensor | None = None,
        lengths: Tensor | None = None,
    ) -> tuple[Tensor, StackState]:
        """The numbers ahead, (B, U), and the state after the last step."""
        y_BTH, state = self.stack(self.embedding(self.told(inputs, lengths)), state, reset, lengths)
        return self.put_back(self.numbers(y_BTH, lengths), inputs, lengths), state

    def reads(self, batch: Batch) -> tuple[Tensor, StackState | None, Tensor | None]:
        return self.embedding(self.told(batch.inputs, batch.lengths)), None, batch.lengths

    def told(self, inputs_BPD: Tensor, lengths_B: Tensor | None) -> Tensor:
        """The past as the network reads it: (B, P, D)."""
        if not self.config.own_units:
            return inputs_BPD
        mean_B1D, deviation_B1D = own_units(inputs_BPD, lengths_B)
        return (inputs_BPD - mean_B1D) / deviation_B1D

    def put_back(self, said_BU: Tensor, inputs_BPD: Tensor, lengths_B: Tensor | None) -> Tensor:
        """What the head says of a past, in the units of the data: (B, U). The first feature is the series."""
        if not self.config.own_units:
            return said_BU
        mean_B1D, deviation_B1D = own_units(inputs_BPD, lengths_B)
        return said_BU * deviation_B1D[:, :, 0] + mean_B1D[:, :, 0]

    def numbers(self, y_BTH: Tensor, lengths_B: Tensor | None) -> Tensor:
        """What the head reads off the ends: (B, U)."""
        predicted_BU: Tensor = self.head(self.stack.ends(y_BTH, lengths_B))
        return predicted_BU

    def step_losses(self, y_BTH: Tensor, batch: Batch) -> Tensor:
        predicted_BU = self.put_back(self.numbers(y_BTH, batch.lengths), batch.inputs, batch.lengths)
        return at_last_step(self.squared(predicted_BU, batch), y_BTH.shape[1], batch.lengths)

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


def own_units(inputs_BPD: Tensor, lengths_B: Tensor | None) -> tuple[Tensor, Tensor]:
    """Mean and deviation over the valid steps of each row, (B, 1, D) each. No weight has a gradient from them."""
    if lengths_B is None:
        variance_B1D, mean_B1D = torch.var_mean(inputs_BPD, dim=1, correction=0, keepdim=True)
        return mean_B1D, (variance_B1D + SMALLEST).sqrt()
    padding_BP1 = ~valid(inputs_BPD, lengths_B)[:, :, None]
    count_B11 = lengths_B[:, None, None]
    mean_B1D = inputs_BPD.masked_fill(padding_BP1, 0).sum(dim=1, keepdim=True) / count_B11
    apart_BPD = (inputs_BPD - mean_B1D).masked_fill(padding_BP1, 0)
    return mean_B1D, (apart_BPD.square().sum(dim=1, keepdim=True) / count_B11 + SMALLEST).sqrt()
