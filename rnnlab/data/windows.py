"""Windows over a stream, aligned row by row; and batches of separate sequences.

Shapes: B rows, T steps of a window, L symbols of a row, N symbols or items.

    split   t h e   q u i c k   b r o w n   f o x         N = 19, rows B = 2, so L = 9
    row 0   t h e   q u i c k
    row 1     b r o w n   f o
            |window 0|window 1|                           T = 4

Row r of window k + 1 goes on where row r of window k ended, so a carried state belongs to the text
that follows it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from rnnlab.data.contents import Batch, Sequences, Stream
from rnnlab.errors import RequestError


class StreamWindows:
    """The windows of one split.

    Row r covers ``ids[r*L : (r+1)*L + 1]`` with L = (N-1) // rows; window k of it has the inputs
    ``ids[r*L + k*T :][:T]`` and the targets one symbol later. Symbols that fill no window are left
    out; with ``keep_rest`` a last, shorter window holds what remains of each row.

    Raises RequestError where the window is longer than the text, or the rows are too many for it.
    """

    def __init__(
        self,
        stream: Stream,
        rows: int,
        window: int,
        reset_at_documents: bool = False,
        keep_rest: bool = False,
        rows_name: str = "data.batch_size",
    ) -> None:
        assert rows >= 1 and window >= 1, (rows, window)
        self.window, self.rows = window, rows
        self.row_length = max(len(stream.ids) - 1, 0) // rows
        shortest = 1 if keep_rest else window
        if self.row_length < shortest:
            raise too_large(len(stream.ids), rows, window, shortest, rows_name)
        self.windows_per_epoch = self.row_length // window
        if keep_rest and self.row_length % window:
            self.windows_per_epoch += 1
        ids = np.asarray(stream.ids)
        item = ids.strides[0]
        self.view_BL = np.lib.stride_tricks.as_strided(
            ids, (rows, self.row_length + 1), (self.row_length * item, item), writeable=False
        )
        self.documents = np.asarray(stream.documents) if reset_at_documents else None
        self.row_starts_B = np.arange(rows) * self.row_length

    def __len__(self) -> int:
        return self.windows_per_epoch

    def __getitem__(self, index: int) -> Batch:
        if not 0 <= index < self.windows_per_epoch:
            raise IndexError(f"window {index} of {self.windows_per_epoch}")
        start = index * self.window
        # One copy of the mapped bytes; inputs and targets are two views of it.
        block = torch.from_numpy(self.view_BL[:, start : start + self.window + 1].astype(np.int64))
        return Batch(inputs=block[:, :-1], targets=block[:, 1:], reset=self.reset(start, block.shape[1] - 1))

    def batch(self, epoch: int, index: int) -> Batch:
        """Window ``index`` of a pass. Every pass is the same: a stream has one order."""
        return self[index]

    def reset(self, start: int, steps: int) -> torch.Tensor | None:
        """bool (B, T), True at steps where a document starts; None where none does."""
        if self.documents is None:
            return None
        first_B = np.searchsorted(self.documents, self.row_starts_B + start)
        after_B = np.searchsorted(self.documents, self.row_starts_B + start + steps)
        if (first_B == after_B).all():
            return None
        reset_BT = np.zeros((self.rows, steps), dtype=bool)
        for row in np.flatnonzero(first_B < after_B):
            positions = self.documents[first_B[row] : after_B[row]]
            reset_BT[row, positions - self.row_starts_B[row] - start] = True
        return torch.from_numpy(reset_BT)


def largest_rows(stream: Stream, window: int) -> int:
    """How many rows of at least one whole window a split gives; 0 where the window is too long."""
    return max(len(stream.ids) - 1, 0) // window


def too_large(count: int, rows: int, window: int, shortest: int, rows_name: str) -> RequestError:
    """The error for a window or a number of rows that ``count`` symbols cannot give."""
    steps = max(count - 1, 0)
    if steps < shortest:
        return RequestError(
            f"bptt.window = {window}: the text has {count} symbols in this split,"
            f" so a window can be {steps} long at most"
        )
    return RequestError(
        f"{rows_name} = {rows}: the text has {count} symbols in this split,"
        f" enough for {steps // shortest} rows of a window of {window} at most"
    )


class SequenceBatches:
    """Batches of labelled sequences.

    The order is a pure function of (seed, epoch), and a last, smaller batch is left out. With
    ``seed`` None it is the order of the file, and the last batch holds what remains.

    Raises RequestError where the batch is larger than the split.
    """

    def __init__(self, sequences: Sequences, batch_size: int, seed: int | None) -> None:
        count = len(sequences.labels)
        if count < (1 if seed is None else batch_size):
            raise RequestError(f"data.batch_size = {batch_size}: this split has {count} sequences, so at most {count}")
        self.sequences, self.batch_size, self.seed = sequences, batch_size, seed
        self.windows_per_epoch = -(-count // batch_size) if seed is None else count // batch_size
        self.drawn: tuple[int, np.ndarray] = (-1, np.arange(count))

    def __len__(self) -> int:
        return self.windows_per_epoch

    def order(self, epoch: int) -> np.ndarray:
        """The items of a pass in their order, int64 (N,)."""
        if self.seed is not None and self.drawn[0] != epoch:
            generator = np.random.default_rng([self.seed, epoch])
            self.drawn = (epoch, generator.permutation(len(self.sequences.labels)))
        return self.drawn[1]

    def batch(self, epoch: int, index: int) -> Batch:
        """Batch ``index`` of pass ``epoch``."""
        if not 0 <= index < self.windows_per_epoch:
            raise IndexError(f"batch {index} of {self.windows_per_epoch}")
        items = self.order(epoch)[index * self.batch_size : (index + 1) * self.batch_size]
        sequences = self.sequences
        batch = Batch(
            inputs=tensor_of(sequences.inputs[items if sequences.sources is None else sequences.sources[items]]),
            targets=tensor_of(sequences.labels[items]),
            lengths=None if sequences.lengths is None else tensor_of(sequences.lengths[items]),
            lags=None if sequences.lags is None else tensor_of(sequences.lags[items]),
            alternatives=None if sequences.alternatives is None else tensor_of(sequences.alternatives[items]),
        )
        return without_common_padding(batch) if sequences.shortened else batch


def without_common_padding(batch: Batch) -> Batch:
    """The batch without the steps that are padding in all its rows, which no figure depends on.

    What is asked for at each step ends there too, but never before the last that is asked for.
    """
    assert batch.lengths is not None, "a set without lengths has no padding"
    steps = int(batch.lengths.max())

    def cut(asked: torch.Tensor) -> torch.Tensor:
        if asked.dim() == 1:
            return asked
        columns = (asked != -1).any(dim=0).nonzero()
        return asked[:, : max(steps, int(columns[-1]) + 1 if len(columns) else 0)]

    lags = None if batch.lags is None else cut(batch.lags)
    return replace(batch, inputs=batch.inputs[:, :steps], targets=cut(batch.targets), lags=lags)


def tensor_of(values: np.ndarray) -> torch.Tensor:
    """A copy as torch computes with it: float32 for fractions, int64 for whole numbers, pictures' bytes in [0, 1]."""
    if values.ndim == 4:
        return torch.from_numpy(values.astype(np.float32) / 255)
    return torch.from_numpy(values.astype(np.float32 if values.dtype.kind == "f" else np.int64))
