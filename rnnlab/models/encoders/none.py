"""No encoder: the task does not decode."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor

from rnnlab.models.encoders.base import Encoder, Memory


class NoEncoder(Encoder):
    """What all tasks have whose network reads its input itself."""

    reads: ClassVar[str] = ""
    size = 0

    def forward(self, inputs: Tensor, lengths_B: Tensor | None) -> Memory:
        raise AssertionError("a task that decodes has refused to be without an encoder")
