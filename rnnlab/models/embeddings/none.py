"""Vector data as it is."""

from __future__ import annotations

from torch import Tensor

from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.embeddings.base import Embedding


class NoEmbedding(Embedding):
    """The cell sees the vectors of the data unchanged."""

    def __init__(self, config: Embedding.Config, spec: DataSpec) -> None:
        super().__init__(config, spec)
        if spec.symbols:
            raise RequestError("embedding = 'none': this data has symbols, not vectors; possible: learned, one_hot")
        self.size = spec.input_size

    def vectors(self, inputs: Tensor) -> Tensor:
        return inputs
