"""What the cells share whose recurrent matrix is made of a skew-symmetric one, A - A'."""

from __future__ import annotations

from abc import ABC
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Cell


class Skew(Cell, ABC):
    """Holds the N = H (H - 1) / 2 free numbers of A, which is zero on its diagonal and below."""

    above_N: Tensor

    def __init__(self, config: Cell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        row_N, column_N = torch.triu_indices(H, H, offset=1)
        self.register_buffer("above_N", row_N * H + column_N, persistent=False)
        self.A_N = nn.Parameter(torch.zeros(self.above_count(H)))

    @staticmethod
    def above_count(H: int) -> int:
        """How many numbers stand above the diagonal of (H, H)."""
        return H * (H - 1) // 2

    def above(self) -> Tensor:
        """A: A_N above the diagonal, row by row, and zeros elsewhere."""
        H = self.hidden_size
        zeros = self.A_N.new_zeros(H * H)
        return zeros.index_put((self.above_N,), self.A_N).view(H, H)

    def skew(self) -> Tensor:
        """A - A', (H, H): a purely imaginary spectrum, whatever A_N is."""
        A_HH = self.above()
        return A_HH - A_HH.T

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"A": self.above()}
