"""What the cells share that add their input to a sum as it is, without weights."""

from __future__ import annotations

from abc import ABC
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Cell


class AddedInput(Cell, ABC):
    """A cell with P x_t in its equations, where its paper has x_t itself, which fits only if D = H.

    There P is the identity and no parameter. Elsewhere P is learned, (H, D), and starts like other
    weights on the input.
    """

    P_HD: nn.Parameter | None

    def __init__(self, config: Cell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        fits = input_size == self.hidden_size
        self.register_parameter("P_HD", None if fits else self.input_weights(self.hidden_size))

    @classmethod
    def added_count(cls, config: Cell.Config, input_size: int) -> int:
        """How many numbers P holds."""
        fits = input_size == config.hidden_size
        return 0 if fits else input_size * config.hidden_size

    def added(self, x_BTD: Tensor) -> Tensor:
        """P x_t for every step: (B, T, H)."""
        return x_BTD if self.P_HD is None else nn.functional.linear(x_BTD, self.P_HD)

    def symbols(self) -> dict[str, Any]:
        return {"P": torch.eye(self.hidden_size)} | super().symbols()
