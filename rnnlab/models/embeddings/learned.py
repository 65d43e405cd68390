"""A learned vector for each symbol."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.data.spec import DataSpec
from rnnlab.models.embeddings.base import Embedding


class Learned(Embedding):
    """A table of V vectors for symbols; for vector data, a learned linear map to the same size."""

    @dataclass(kw_only=True, slots=True)
    class Config(Embedding.Config):
        """size: features of each vector."""

        size: int = 64

        def __post_init__(self) -> None:
            Embedding.Config.__post_init__(self)
            require(self.size >= 1, "embedding.size", self.size, "it must be at least 1")

    def __init__(self, config: Config, spec: DataSpec) -> None:
        super().__init__(config, spec)
        self.size = config.size
        self.map: nn.Module = (
            nn.Embedding(spec.vocabulary, config.size) if spec.symbols else nn.Linear(spec.input_size, config.size)
        )

    def vectors(self, inputs: Tensor) -> Tensor:
        x_BTD: Tensor = self.map(inputs)
        return x_BTD
