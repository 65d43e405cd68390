"""Where a decoder looks while it writes: weights over what its encoder gave, for each step of what is written.

Shapes: B batch, U steps of the decoder, S steps or places of the encoder, Q features of a query, M of the memory,
K of a key: what of a place is compared with a query.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig, late, require


class Attention(nn.Module, ABC):
    """Scores every place of the memory for every query; a context is the memory's mean with their softmax.

    A query is what the decoder's stack gives at a step. Without ``feed`` nothing of a context goes back into the
    stack: so all steps of a known target are computed at once.

    A decoder that reads its contexts may look at a thing early and keep what it saw, or look when it writes of it: both
    answer as well, and which one it learns is chance. With ``feed_dropout`` a context often does not come, so that
    what was not kept must be looked at again; then it looks when it writes. (Whole vectors are left out, as words are
    by Gal & Ghahramani 2016, "A theoretically grounded application of dropout in recurrent neural networks".)
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """feed: the context of a step is also read by the next one, beside its symbol.

        feed_dropout: how probably a step of training reads zeros in its place; each row for itself.
        """

        feed: bool = False
        feed_dropout: float = late(0.0)

        def __post_init__(self) -> None:
            dropout = self.feed_dropout
            require(0 <= dropout < 1, "attention.feed_dropout", dropout, "it must be at least 0 and below 1")
            require(self.feed or not dropout, "attention.feed_dropout", dropout, "it needs attention.feed=true")

    def __init__(self, config: Config, query_size: int, memory_size: int) -> None:
        super().__init__()
        self.config = config
        self.memory_size = memory_size

    def keys(self, memory_BSM: Tensor) -> Tensor:
        """What of each place is compared with every query, (B, S, K): made once for a whole target."""
        return memory_BSM

    def forward(
        self, query_BUQ: Tensor, keys_BSK: Tensor, memory_BSM: Tensor, valid_BS: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """The contexts, (B, U, M), and the weights that made them, (B, U, S): they sum to 1 over valid places.

        ``valid_BS``: False at padding, whose weight is 0; None where every place is valid.
        """
        scores_BUS = self.scores(query_BUQ, keys_BSK)
        if valid_BS is not None:
            scores_BUS = scores_BUS.masked_fill(~valid_BS[:, None], -torch.inf)
        weights_BUS = scores_BUS.softmax(dim=-1)
        return weights_BUS @ memory_BSM, weights_BUS

    def handed_on(self, context_BM: Tensor) -> Tensor:
        """What the next step reads of a context."""
        dropout = self.config.feed_dropout
        if not (dropout and self.training):
            return context_BM
        return context_BM * (torch.rand(context_BM.shape[0], 1, device=context_BM.device) >= dropout)

    @abstractmethod
    def scores(self, query_BUQ: Tensor, keys_BSK: Tensor) -> Tensor:
        """How well each place answers each query, (B, U, S), any real number."""
