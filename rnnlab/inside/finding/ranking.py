"""How strongly each unit of a layer goes along with each feature of a text.

Strength lies in [-1, 1]. For a feature that is true or false it is Somers' D = 2 AUC - 1, where the AUC is the
chance that the unit is higher where the feature is true than where it is false (Mann & Whitney 1947; Hanley &
McNeil 1982), ties counted by half; for a number it is Pearson's correlation.

All features that are asked for at the same characters cost one ranking of each unit: with ranks r that are centred
on 0, D = 2 sum_(true) r / (n_true n_false), so the D of F features and H units are one matrix product. Values are
kept at half precision, which leaves 65,536 different ones: they are ranked by counting, not by comparing.

Shapes: N characters, n places of a half, H units, F features.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from rnnlab.inside.finding.labelled import Labelled, asked_alike

UNITS = 64
"""Units that are ranked at once: what bounds the memory."""
MAGNITUDE = np.int16(0x7FFF)
"""All bits of a float16 but its sign. Among numbers of one sign IEEE 754 orders them as the numbers are."""


def strengths(values_NH: np.ndarray, labels: Sequence[Labelled], places: np.ndarray) -> np.ndarray:
    """The strength of each feature and unit at some places of the text: float64 (F, H).

    values_NH: float16, finite. 0 where a feature or a unit does not vary.
    """
    found = np.zeros((len(labels), values_NH.shape[1]))
    for members, at in asked_alike(labels, places):
        labels_Fn = np.stack([labels[number].values_N[at] for number in members])
        for first in range(0, values_NH.shape[1], UNITS):
            columns_Hn = np.ascontiguousarray(values_NH[at, first : first + UNITS].T)
            several = correlations if labels[members[0]].number else dominances
            found[members, first : first + UNITS] = several(columns_Hn, labels_Fn)
    return found


def dominances(columns_Hn: np.ndarray, true_Fn: np.ndarray) -> np.ndarray:
    """Somers' D of each feature (1 true, 0 false) and unit (float16): (F, H)."""
    ranks_Hn = np.stack([centred_ranks(column) for column in columns_Hn])
    true_F = true_Fn.sum(axis=1, dtype=np.float64)
    pairs_F = true_F * (true_Fn.shape[1] - true_F)
    return over(2 * product(true_Fn, ranks_Hn.T).astype(np.float64), pairs_F[:, None])


def correlations(columns_Hn: np.ndarray, numbers_Fn: np.ndarray) -> np.ndarray:
    """Pearson's correlation of each feature and unit: (F, H)."""
    x_Hn, x_H = centred(columns_Hn.astype(np.float32))
    y_Fn, y_F = centred(numbers_Fn)
    return over(product(y_Fn, x_Hn.T).astype(np.float64), y_F[:, None] * x_H)


def centred(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Float32 rows without their means, and their lengths, float64; 0 for a constant, of which rounding is left."""
    without = rows - rows.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(without, axis=1).astype(np.float64)
    lengths[rows.max(axis=1) == rows.min(axis=1)] = 0
    return without, lengths


def over(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """A quotient in [-1, 1]; 0 where there is nothing to divide by. Products in float32 may miss the ends by 1e-6."""
    bottom = np.broadcast_to(bottom, top.shape)
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0).clip(-1, 1)


def centred_ranks(values_n: np.ndarray) -> np.ndarray:
    """The rank of each float16 among all, from -(n - 1) / 2 to (n - 1) / 2, equal ones sharing theirs: float32."""
    bits_n = values_n.view(np.int16)
    order_n = np.where(bits_n < 0, -(bits_n & MAGNITUDE), bits_n).astype(np.intp)  # 0 and -0 are one
    order_n -= order_n.min()
    count = np.bincount(order_n)
    rank_of = np.cumsum(count) - (count + 1) / 2 - (len(values_n) - 1) / 2
    return np.take(rank_of.astype(np.float32), order_n)


def product(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """A product of float32 matrices, by torch, whose threads are there already: a second pool would fight them."""
    return (torch.from_numpy(left) @ torch.from_numpy(right)).numpy()
