"""One vector for a whole sequence, out of a stack's output at its steps. Padding takes no part in any of it.

Shapes: B batch, T time, H features of the stack's output.
"""

from __future__ import annotations

from enum import Enum

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import fan_in_uniform
from rnnlab.models.stack import Stack


class Pooling(str, Enum):
    """Which steps a sequence's vector is made of.

    last       each row's last valid step; of backward cells the first, where they have read all
    mean       the mean of the valid steps
    max        the largest value of each feature among them
    attention  their mean with weights that are learned: softmax over steps of v' tanh(W y_t) (Yang et al. 2016,
               hierarchical attention networks, eq. 5 to 7)
    """

    last = "last"
    mean = "mean"
    max = "max"
    attention = "attention"


class Pool(nn.Module):
    """y_BTH to (B, H), by one of the ``Pooling`` ways. Only ``attention`` has weights."""

    def __init__(self, way: Pooling, size: int) -> None:
        """``size``: H."""
        super().__init__()
        self.way = way
        self.hidden = nn.Linear(size, size) if way is Pooling.attention else None
        self.score = nn.Linear(size, 1, bias=False) if way is Pooling.attention else None
        for layer in (self.hidden, self.score):
            if layer is not None:
                fan_in_uniform(layer.weight)

    def forward(self, y_BTH: Tensor, lengths_B: Tensor | None, stack: Stack) -> Tensor:
        """``lengths_B``: valid steps of each row, at least 1; None where all are. ``stack``: what gave y_BTH."""
        if self.way is Pooling.last:
            return stack.ends(y_BTH, lengths_B)
        if self.way is Pooling.max:
            return without_padding(y_BTH, lengths_B, -torch.inf).amax(dim=1)
        if self.way is Pooling.mean:
            return without_padding(y_BTH, lengths_B, 0.0).sum(dim=1) / valid_steps(y_BTH, lengths_B)
        weights_BT1 = self.weights(y_BTH, lengths_B)[:, :, None]
        return (weights_BT1 * without_padding(y_BTH, lengths_B, 0.0)).sum(dim=1)

    def weights(self, y_BTH: Tensor, lengths_B: Tensor | None) -> Tensor:
        """How much each step counts for ``attention``: (B, T), 0 at padding, of sum 1."""
        assert self.hidden is not None and self.score is not None, "only attention has weights"
        scores_BT: Tensor = self.score(self.hidden(y_BTH).tanh()).squeeze(-1)
        if lengths_B is not None:
            scores_BT = scores_BT.masked_fill(~valid(y_BTH, lengths_B), -torch.inf)
        return scores_BT.softmax(dim=1)


def valid_steps(y_BTH: Tensor, lengths_B: Tensor | None) -> Tensor | int:
    """Valid steps: T, or (B, 1) of each row."""
    return y_BTH.shape[1] if lengths_B is None else lengths_B[:, None]


def valid(y_BTH: Tensor, lengths_B: Tensor) -> Tensor:
    """bool (B, T): the steps that are no padding."""
    return torch.arange(y_BTH.shape[1], device=y_BTH.device) < lengths_B[:, None]


def without_padding(y_BTH: Tensor, lengths_B: Tensor | None, value: float) -> Tensor:
    """``value`` in the place of padding: no NaN gets through from there, neither here nor on the way back."""
    return y_BTH if lengths_B is None else y_BTH.masked_fill(~valid(y_BTH, lengths_B)[:, :, None], value)
