"""What all encoders of pictures share: places in rows and columns, each with a vector that also tells where it is.

Shapes: B batch, C channels, H and W of a picture in pixels, S = Y X places in Y rows and X columns, M features.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnlab.models.encoders.base import Encoder, Memory


class PictureEncoder(Encoder):
    """A memory of places, row by row from the top: m_yx = f(picture)_yx + row_y + column_x, all three learned.

    Without ``row`` and ``column`` two places that look alike would be one to attention, which has no order. The
    summary is the mean over places (Xu et al. 2015, "Show, attend and tell", where a decoder starts from it).
    A subclass sets ``size`` and ``places`` by ``see``, and makes f.

    places  Y and X
    """

    reads: ClassVar[str] = "captions"
    places: tuple[int, int]
    row: nn.Parameter
    column: nn.Parameter

    def see(self, places: tuple[int, int], size: int) -> None:
        """So many places of so many features: their rows and columns start small, and different."""
        self.places, self.size = places, size
        self.row = nn.Parameter(torch.randn(places[0], 1, size) / size**0.5)
        self.column = nn.Parameter(torch.randn(1, places[1], size) / size**0.5)

    @abstractmethod
    def features(self, pictures: Tensor) -> Tensor:
        """f: (B, C, H, W) in [0, 1] into (B, M, Y, X)."""

    def forward(self, inputs: Tensor, lengths_B: Tensor | None) -> Memory:
        """``inputs``: (B, C, H, W) in [0, 1]. A picture has no length."""
        memory_BYXM = self.features(inputs).permute(0, 2, 3, 1) + self.row + self.column
        memory_BSM = memory_BYXM.flatten(1, 2)
        return Memory(memory_BSM, None, memory_BSM.mean(dim=1), None)
