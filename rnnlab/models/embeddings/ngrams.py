"""A learned vector for each symbol, and one for each run of symbols that ends with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.embeddings.base import Embedding

MULTIPLIER, PRIME = 1_103_515_245, 2**31 - 1
"""Of the hash: a product of two numbers below the prime stays below 2^63."""


class NGrams(Embedding):
    """x_t = E(s_t) + the sum of G(s_t-n+1 ... s_t), n from 2 to ``longest``; what lies before a sequence is a mark.

    What letters tell together a network otherwise has to put together itself, out of few examples of each. G has
    ``buckets`` vectors; an n-gram's is found by a hash, and some share one (Bojanowski et al. 2017, "Enriching word
    vectors with subword information", 3.2). All start at zero, and the vector of an n-gram that training never read
    stays there: so there should be several times as many as train has n-grams.

    For sequences that are read whole: a window of a stream, or a decoder's step, does not know what stood before.
    """

    alone: ClassVar[bool] = False

    @dataclass(kw_only=True, slots=True)
    class Config(Embedding.Config):
        """size: features of each vector. longest: symbols of the longest n-grams. buckets: vectors of G.

        gram_dropout: how probably training leaves an n-gram out, each time that it is read.
        """

        size: int = 64
        longest: int = 4
        buckets: int = 131072
        gram_dropout: float = 0.6

        def __post_init__(self) -> None:
            Embedding.Config.__post_init__(self)
            require(self.size >= 1, "embedding.size", self.size, "it must be at least 1")
            require(2 <= self.longest <= 8, "embedding.longest", self.longest, "it must be from 2 to 8")
            require(self.buckets >= 1, "embedding.buckets", self.buckets, "it must be at least 1")
            dropout = self.gram_dropout
            require(0 <= dropout < 1, "embedding.gram_dropout", dropout, "it must be at least 0 and below 1")

    config: Config

    def __init__(self, config: Config, spec: DataSpec) -> None:
        super().__init__(config, spec)
        if not spec.symbols:
            raise RequestError("embedding = 'ngrams': this data has vectors, not symbols; possible: learned, none")
        self.size = config.size
        self.map = nn.Embedding(spec.vocabulary, config.size)
        self.grams = nn.Embedding(config.buckets, config.size)
        nn.init.zeros_(self.grams.weight)

    def vectors(self, inputs: Tensor) -> Tensor:
        x_BTD: Tensor = self.map(inputs)
        for buckets_BT in self.buckets(inputs):
            x_BTD = x_BTD + self.kept(self.grams(buckets_BT))
        return x_BTD

    def buckets(self, symbols_BT: Tensor) -> Iterator[Tensor]:
        """Of the 2-grams that end at each step, the 3-grams, and so on: int64 (B, T)."""
        marked_BT = symbols_BT.long() + 1
        steps = marked_BT.shape[1]
        hash_BT = marked_BT
        for n in range(2, self.config.longest + 1):
            before_BT = nn.functional.pad(marked_BT, (n - 1, 0))[:, :steps]
            hash_BT = (hash_BT * MULTIPLIER + before_BT) % PRIME
            yield hash_BT % self.config.buckets

    def kept(self, g_BTD: Tensor) -> Tensor:
        """In training without those that are left out, the others larger by as much."""
        share = 1 - self.config.gram_dropout
        if not self.training or share == 1:
            return g_BTD
        return g_BTD * (torch.rand(*g_BTD.shape[:2], 1, device=g_BTD.device) < share) / share
