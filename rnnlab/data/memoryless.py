"""What can be had without any memory: the loss of the best predictor that knows the step alone.

Shapes: N items, T steps, V classes.

Its prediction comes from the labels of train, and its loss is measured on val. For numbers it is the
mean. For classes it is their distribution at each step t, drawn towards that over all steps: with n(t)
labels at step t in train, n(t, v) of them v,

    P(v | t) = (n(t, v) + a P(v)) / (n(t) + a),        P(v) = (n(v) + 1 / V) / (n + 1)

where a is the power of ten that predicts train best when each label is left out of its own count: near 0
where the step says much, large where it says nothing, so that few labels for a step do no harm. One
class for a whole item is one step.
"""

from __future__ import annotations

import numpy as np

STRENGTHS = 10.0 ** np.arange(-3, 8)


def memoryless_loss(train: np.ndarray, val: np.ndarray, classes: int) -> float:
    """Mean squared error for numbers (``classes`` 0), else nats for each label; labels as in ``Sequences``."""
    if classes == 0:
        return float(np.mean((val.astype(np.float64) - train.mean(dtype=np.float64)) ** 2))
    train_NT, val_NT = (labels.reshape(len(labels), -1) for labels in (train, val))
    steps = max(train_NT.shape[1], val_NT.shape[1])
    counts_TV, asked_TV = (counted(labels, steps, classes) for labels in (train_NT, val_NT))
    overall_V = (counts_TV.sum(axis=0) + 1 / classes) / (counts_TV.sum() + 1)
    strength = min(STRENGTHS, key=lambda a: nats(counts_TV, distribution(counts_TV, overall_V, a, left_out=1)))
    return nats(asked_TV, distribution(counts_TV, overall_V, strength))


def counted(labels_NT: np.ndarray, steps: int, classes: int) -> np.ndarray:
    """How often each class is asked for at each step: int64 (T, V)."""
    keys_NT = np.arange(labels_NT.shape[1]) * classes + labels_NT
    return np.bincount(keys_NT[labels_NT >= 0], minlength=steps * classes).reshape(steps, classes)


def distribution(counts_TV: np.ndarray, overall_V: np.ndarray, strength: float, left_out: int = 0) -> np.ndarray:
    """P(v | t) of each label in the counts, ``left_out`` of its own kind not counted: float64 (T, V)."""
    total_T1 = counts_TV.sum(axis=1, keepdims=True)
    own = np.maximum(counts_TV - left_out, 0) + strength * overall_V
    result: np.ndarray = own / (np.maximum(total_T1 - left_out, 0) + strength)
    return result


def nats(asked_TV: np.ndarray, probabilities_TV: np.ndarray) -> float:
    """The mean of -ln P over labels counted in ``asked_TV``."""
    return float(-(asked_TV * np.log(probabilities_TV)).sum() / asked_TV.sum())
