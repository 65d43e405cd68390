"""Edit distance: insertions, deletions and substitutions that turn one sequence into another (Levenshtein 1966).

Shapes: N pairs, U and V steps of the longest sequence on either side.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


def edit_distance(one: Sequence[Any], other: Sequence[Any]) -> int:
    """The edits between two sequences of whatever can be compared: characters, words, phones."""
    kinds = {symbol: number for number, symbol in enumerate(dict.fromkeys([*one, *other]))}
    one_1U, other_1V = (np.array([[kinds[symbol] for symbol in side]], dtype=np.int64) for side in (one, other))
    return int(edit_distances(one_1U, np.array([len(one)]), other_1V, np.array([len(other)]))[0])


def edit_distances(
    one_NU: np.ndarray, one_lengths_N: np.ndarray, other_NV: np.ndarray, other_lengths_N: np.ndarray
) -> np.ndarray:
    """The edits of N pairs of padded sequences at once: int64 (N,).

    Wagner & Fischer's table (1974), a row of it at a time:

        d[i, j] = min(d[i-1, j] + 1, d[i, j-1] + 1, d[i-1, j-1] + (one[i] != other[j]))

    The second of the three is a running minimum over j: of d - j, to which j is added back.
    """
    pairs, V = other_NV.shape
    place_V = np.arange(V + 1)
    row_NV = np.broadcast_to(place_V, (pairs, V + 1)).copy()
    found_N = row_NV[np.arange(pairs), other_lengths_N]
    for i in range(one_NU.shape[1]):
        before_NV = row_NV
        row_NV = before_NV + 1
        substituted_NV = before_NV[:, :-1] + (one_NU[:, i, None] != other_NV)
        np.minimum(row_NV[:, 1:], substituted_NV, out=row_NV[:, 1:])
        row_NV = np.minimum.accumulate(row_NV - place_V, axis=1) + place_V
        reached_N = row_NV[np.arange(pairs), other_lengths_N]
        found_N = np.where(one_lengths_N == i + 1, reached_N, found_N)
    return found_N
