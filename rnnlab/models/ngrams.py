"""A linear model of a text: which n-grams it has, in no order.

Shapes: B batch, T time, D features of a vector, V classes.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor, nn

from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.cells.base import fan_in_uniform
from rnnlab.models.pooling import valid_steps, without_padding

SIZE = 64
"""D. No more than D directions tell classes apart, which keeps rare n-grams from having their own way with each."""
MOST_BUCKETS = 131_072
DROPOUT = 0.6
"""How probably training leaves an n-gram out, each time that it is read. Most n-grams are in few texts of train."""
MULTIPLIER, PRIME = 1_103_515_245, 2**31 - 1
"""Of the hash: a product of two numbers below the prime stays below 2^63."""


class BagOfNGrams(nn.Module):
    """W sum_t (E(s_t) + sum_n G(s_t-n+1 ... s_t)) / sqrt(T) + b over the T valid steps, n from 2 to ``longest``.

    Joulin et al. 2017, "Bag of tricks for efficient text classification", 2. What lies before a text is a mark. An
    n-gram's vector in G is found by a hash, and some share one. All of G start at zero, and the vector of an n-gram
    that training never read stays there: so G has more vectors than train has n-grams of one length, up to a limit. The
    root keeps the sum of random vectors as large as one of them.
    """

    def __init__(self, longest: int, spec: DataSpec) -> None:
        """``longest``: symbols of the longest n-grams, from 1. RequestError for data of vectors."""
        super().__init__()
        if not spec.symbols:
            raise RequestError(
                f"task.wide = {longest}: it reads n-grams, and this data has vectors, not symbols; possible: 0"
            )
        self.longest = longest
        self.map = nn.Embedding(spec.vocabulary, SIZE)
        self.grams = nn.Embedding(buckets_for(spec), SIZE)
        nn.init.zeros_(self.grams.weight)
        self.head = nn.Linear(SIZE, spec.classes)
        fan_in_uniform(self.head.weight)

    def forward(self, symbols_BT: Tensor, lengths_B: Tensor | None) -> Tensor:
        """Logits (B, V)."""
        x_BTD = self.map(symbols_BT)
        for buckets_BT in self.buckets(symbols_BT):
            x_BTD = x_BTD + self.kept(self.grams(buckets_BT))
        bag_BD = without_padding(x_BTD, lengths_B, 0.0).sum(dim=1) / valid_steps(x_BTD, lengths_B) ** 0.5
        logits_BV: Tensor = self.head(bag_BD)
        return logits_BV

    def buckets(self, symbols_BT: Tensor) -> Iterator[Tensor]:
        """Of the 2-grams that end at each step, the 3-grams, and so on: int64 (B, T)."""
        marked_BT = symbols_BT.long() + 1
        steps = marked_BT.shape[1]
        hash_BT = marked_BT
        for n in range(2, self.longest + 1):
            before_BT = nn.functional.pad(marked_BT, (n - 1, 0))[:, :steps]
            hash_BT = (hash_BT * MULTIPLIER + before_BT) % PRIME
            yield hash_BT % self.grams.num_embeddings

    def kept(self, g_BTD: Tensor) -> Tensor:
        """In training without those that are left out, the others larger by as much."""
        share = 1 - DROPOUT
        if not self.training:
            return g_BTD
        return g_BTD * (torch.rand(*g_BTD.shape[:2], 1, device=g_BTD.device) < share) / share


def buckets_for(spec: DataSpec) -> int:
    """Vectors of G: the power of two above the steps that train has if each item is the longest, within the limit."""
    steps = spec.sizes["train"] * spec.max_length
    return min(MOST_BUCKETS, 1 << max(steps, 1).bit_length())
