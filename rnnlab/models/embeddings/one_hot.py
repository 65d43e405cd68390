"""Symbols as the lecture writes them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.models.embeddings.base import Embedding


class OneHot(Embedding):
    """Each symbol as a vector of zeros with a single one: nothing is learned, D is the vocabulary."""

    def __init__(self, config: Embedding.Config, spec: DataSpec) -> None:
        super().__init__(config, spec)
        if not spec.symbols:
            raise RequestError("embedding = 'one_hot': this data has vectors, not symbols; possible: learned, none")
        self.size = spec.vocabulary

    def vectors(self, inputs: Tensor) -> Tensor:
        return nn.functional.one_hot(inputs, self.size).to(torch.get_default_dtype())
