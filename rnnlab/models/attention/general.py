"""The product of query and memory, with a learned matrix between them."""

from __future__ import annotations

from torch import Tensor, nn

from rnnlab.models.attention.base import Attention
from rnnlab.models.cells.base import fan_in_uniform


class General(Attention):
    """Luong, Pham & Manning 2015, "Effective approaches to attention-based neural machine translation", eq. 8, general.

    score(q, m) = q . W m
    """

    def __init__(self, config: Attention.Config, query_size: int, memory_size: int) -> None:
        super().__init__(config, query_size, memory_size)
        self.key = nn.Linear(memory_size, query_size, bias=False)
        fan_in_uniform(self.key.weight)

    def keys(self, memory_BSM: Tensor) -> Tensor:
        """W m for each place: (B, S, Q)."""
        keys_BSQ: Tensor = self.key(memory_BSM)
        return keys_BSQ

    def scores(self, query_BUQ: Tensor, keys_BSK: Tensor) -> Tensor:
        return query_BUQ @ keys_BSK.mT
