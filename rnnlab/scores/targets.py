"""Written symbols against targets of which any may be right: a word has several pronunciations.

Shapes: N rows, U and V steps, A targets of a row; a sequence ends before its first 0 or -1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from rnnlab.scores.edits import edit_distances


class Nearest(NamedTuple):
    """Of each row, (N,): the edits to the target that is nearest, and that target's length."""

    edits: np.ndarray
    lengths: np.ndarray

    @property
    def exact(self) -> np.ndarray:
        """Whether a row is one of its targets."""
        return np.asarray(self.edits == 0)


def lengths_of(symbols_NU: np.ndarray) -> np.ndarray:
    """Symbols before the end of each row, int64 (..., ); all of them where none ends it."""
    going_on = symbols_NU > 0
    return np.asarray(np.cumprod(going_on, axis=-1).sum(axis=-1))


def nearest(written_NU: np.ndarray, targets_NV: np.ndarray, alternatives_NAV: np.ndarray | None = None) -> Nearest:
    """Each row against its target, and the ``alternatives`` that it may have; -1 in place of one that it has not.

    Of two equally near targets the longer one counts, of which the edits are a smaller share.
    """
    written_lengths_N = lengths_of(written_NU)
    all_NAV = targets_NV[:, None] if alternatives_NAV is None else joined(targets_NV, alternatives_NAV)
    edits, lengths = [], []
    for number in range(all_NAV.shape[1]):
        target_NV = all_NAV[:, number]
        length_N = lengths_of(target_NV)
        edits_N = edit_distances(written_NU, written_lengths_N, target_NV, length_N)
        edits.append(np.where(target_NV[:, 0] < 0, np.iinfo(np.int64).max, edits_N))
        lengths.append(length_N)
    edits_AN, lengths_AN = np.stack(edits), np.stack(lengths)
    best_N = np.lexsort((-lengths_AN, edits_AN), axis=0)[0]
    rows_N = np.arange(len(best_N))
    return Nearest(edits_AN[best_N, rows_N], lengths_AN[best_N, rows_N])


def joined(targets_NV: np.ndarray, alternatives_NAV: np.ndarray) -> np.ndarray:
    """All targets of each row, the first one in front: (N, 1 + A, V) with the longer of both V, -1 behind."""
    steps = max(targets_NV.shape[1], alternatives_NAV.shape[2])
    rows, count = alternatives_NAV.shape[:2]
    all_NAV = np.full((rows, 1 + count, steps), -1, dtype=np.int64)
    all_NAV[:, 0, : targets_NV.shape[1]] = targets_NV
    all_NAV[:, 1:, : alternatives_NAV.shape[2]] = alternatives_NAV
    return all_NAV
