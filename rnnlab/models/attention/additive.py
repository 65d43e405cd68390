"""A small network that looks at query and memory together."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.attention.base import Attention
from rnnlab.models.cells.base import fan_in_uniform


class Additive(Attention):
    """Bahdanau, Cho & Bengio 2015, "Neural machine translation by jointly learning to align and translate", A.1.2.

    score(q, m) = v . tanh(W q + U m + b)

    With ``attention.feed`` the decoder reads what it looked at from the state before, as theirs does.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Attention.Config):
        """size: units of the small network."""

        size: int = 128

        def __post_init__(self) -> None:
            Attention.Config.__post_init__(self)
            require(self.size >= 1, "attention.size", self.size, "it must be at least 1")

    def __init__(self, config: Config, query_size: int, memory_size: int) -> None:
        super().__init__(config, query_size, memory_size)
        self.query = nn.Linear(query_size, config.size, bias=False)
        self.key = nn.Linear(memory_size, config.size)
        self.score = nn.Linear(config.size, 1, bias=False)
        for layer in (self.query, self.key, self.score):
            fan_in_uniform(layer.weight)
        nn.init.zeros_(self.key.bias)

    def keys(self, memory_BSM: Tensor) -> Tensor:
        """U m + b for each place: (B, S, K)."""
        keys_BSK: Tensor = self.key(memory_BSM)
        return keys_BSK

    def scores(self, query_BUQ: Tensor, keys_BSK: Tensor) -> Tensor:
        hidden_BUSK = (self.query(query_BUQ)[:, :, None] + keys_BSK[:, None]).tanh()
        scores_BUS1: Tensor = self.score(hidden_BUSK)
        return scores_BUS1.squeeze(-1)
