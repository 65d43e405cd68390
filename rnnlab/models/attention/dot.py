"""The product of query and memory."""

from __future__ import annotations

from torch import Tensor

from rnnlab.errors import RequestError
from rnnlab.models.attention.base import Attention


class Dot(Attention):
    """Luong, Pham & Manning 2015, "Effective approaches to attention-based neural machine translation", eq. 8, dot.

    score(q, m) = q . m

    Nothing is learned, so queries and memory must have equally many features.
    """

    def __init__(self, config: Attention.Config, query_size: int, memory_size: int) -> None:
        super().__init__(config, query_size, memory_size)
        if query_size != memory_size:
            raise RequestError(
                f"attention=dot: the decoder's stack gives {query_size} features and its encoder {memory_size}, which"
                " have no dot product; possible: attention=general, attention=additive"
            )

    def scores(self, query_BUQ: Tensor, keys_BSK: Tensor) -> Tensor:
        return query_BUQ @ keys_BSK.mT
