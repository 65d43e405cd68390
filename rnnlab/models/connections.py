"""What connects the layers of a stack.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

from enum import Enum

import torch
from torch import Tensor


class Connections(str, Enum):
    """What a layer reads and gives.

    plain     each layer reads the output of the one below
    residual  the same, and a layer's input is added to its output; of the first layer only where sizes agree
    dense     each layer reads the input and the outputs of all layers below; the task reads those of all
              layers (Graves 2013, arXiv 1308.0850)
    """

    plain = "plain"
    residual = "residual"
    dense = "dense"

    def added(self, x_BTD: Tensor, y_BTH: Tensor) -> Tensor:
        """What a layer gives that reads x and computes y."""
        return x_BTD + y_BTH if self is Connections.residual and x_BTD.shape == y_BTH.shape else y_BTH

    def seen(self, below: list[Tensor], y_BTH: Tensor) -> list[Tensor]:
        """What the layer above reads, after one that reads ``below`` and gives y."""
        return [*below, y_BTH] if self is Connections.dense else [y_BTH]


def joined(features: list[Tensor]) -> Tensor:
    """Side by side; one alone is not copied."""
    return features[0] if len(features) == 1 else torch.cat(features, dim=-1)
