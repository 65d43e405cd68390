"""No attention: a decoder knows of its input what its first state holds, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from rnnlab.config.schema import require
from rnnlab.models.attention.base import Attention


class NoAttention(Attention):
    """Its context has no features."""

    @dataclass(kw_only=True, slots=True)
    class Config(Attention.Config):
        """Nothing can be fed."""

        def __post_init__(self) -> None:
            Attention.Config.__post_init__(self)
            require(not self.feed, "attention.feed", self.feed, "attention=none has no context that could be fed")

    def __init__(self, config: Attention.Config, query_size: int, memory_size: int) -> None:
        super().__init__(config, query_size, 0)

    def forward(
        self, query_BUQ: Tensor, keys_BSK: Tensor, memory_BSM: Tensor, valid_BS: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """An empty context, (B, U, 0), and no weights, (B, U, 0)."""
        nothing = query_BUQ[..., :0]
        return nothing, nothing

    def scores(self, query_BUQ: Tensor, keys_BSK: Tensor) -> Tensor:
        raise AssertionError("nothing is scored without attention")
