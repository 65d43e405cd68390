"""What a split holds, ``Stream`` or ``Sequences``, and what a model gets of it at once: ``Batch``.

Shapes: B batch rows, T time steps, D input features, N items, U steps of a target, A other right answers, C channels,
H and W pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class Stream:
    """One split of a stream.

    ids        unsigned integers (N,), memory-mapped: a window is a view of it
    documents  int64 offsets into ids at which a document starts; the first is 0
    """

    ids: np.ndarray
    documents: np.ndarray


@dataclass(frozen=True, slots=True)
class Sequences:
    """One split of labelled sequences.

    inputs   float32 (N, T, D) vectors; integers (N, T): symbols; or uint8 (N, C, H, W): pictures
    labels   integers (N,): classes; float32 (N,): numbers; float32 (N, U): numbers to come; integers (N, T): a
             class at each step, -1 where nothing is asked; or integers (N, U): symbols of a target, 0 at its end
             and -1 behind it
    lengths  integers (N,): valid steps of each item, None where all T are valid
    lags     integers shaped as labels: steps from where the needed information stood to where it is asked
             for (0: the same step), -1 where nothing is asked; None where no single place holds it
    shortened  batches end with their longest row, not with the longest of all; for sets with lengths
    sources  integers (N,): which of the inputs each item is about, where several are about one; None: each has its own
    """

    inputs: np.ndarray
    labels: np.ndarray
    lengths: np.ndarray | None = None
    lags: np.ndarray | None = None
    alternatives: np.ndarray | None = None
    shortened: bool = False
    sources: np.ndarray | None = None


@dataclass(slots=True)
class Batch:
    """One window of a stream, or one batch of sequences.

    inputs   int64 (B, T) symbols, float32 (B, T, D) vectors, or float32 (B, C, H, W) pictures in [0, 1]
    targets  int64 (B, T) next symbols, int64 (B,) classes, float32 (B,) numbers, float32 (B, U) numbers to come,
             int64 (B, T) classes of steps, -1 where nothing is asked, or int64 (B, U) what is written, 0 at its
             end, -1 behind it
    lengths  int64 (B,) valid steps of each row, or None where all T are valid
    reset    bool (B, T): the state is set back to its initial value before step t; None for nowhere
    lags     int64 (B,) or (B, T), see ``Sequences``; None where the data does not say
    alternatives  int64 (B, A, U), see ``Sequences``
    """

    inputs: torch.Tensor
    targets: torch.Tensor
    lengths: torch.Tensor | None = None
    reset: torch.Tensor | None = None
    lags: torch.Tensor | None = None
    alternatives: torch.Tensor | None = None

    def to(self, device: torch.device) -> Batch:
        def move(tensor: torch.Tensor | None) -> torch.Tensor | None:
            return None if tensor is None else tensor.to(device, non_blocking=True)

        parts = (self.inputs, self.targets, self.lengths, self.reset, self.lags, self.alternatives)
        return Batch(*map(move, parts))  # type: ignore[arg-type]
