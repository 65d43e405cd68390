"""No attention: a decoder knows of its input what its first state holds, and nothing more."""

from __future__ import annotations

from torch import Tensor

from rnnlab.models.attention.base import Attention


class NoAttention(Attention):
    """Its context has no features."""

    def __init__(self, config: Attention.Config, query_size: int, memory_size: int) -> None:
        super().__init__(config, query_size, 0)

    def forward(self, query_BUQ: Tensor, memory_BSM: Tensor, valid_BS: Tensor | None) -> tuple[Tensor, Tensor]:
        """An empty context, (B, U, 0), and no weights, (B, U, 0)."""
        nothing = query_BUQ[..., :0]
        return nothing, nothing

    def scores(self, query_BUQ: Tensor, memory_BSM: Tensor) -> Tensor:
        raise AssertionError("nothing is scored without attention")
