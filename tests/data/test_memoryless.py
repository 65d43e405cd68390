"""The predictor that knows the step alone, against sums by hand and closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.memoryless import memoryless_loss

CLASSES = 3


@st.composite
def labelled(draw: st.DrawFn) -> np.ndarray:
    """Labels of some items at four steps, the first item asked at least once."""
    rows = draw(st.lists(st.lists(st.integers(-1, CLASSES - 1), min_size=4, max_size=4), min_size=1, max_size=12))
    rows[0][draw(st.integers(0, 3))] = 1
    return np.array(rows)


def probability(labels: list[int], overall: list[float], strength: float, label: int) -> float:
    """The formula for one step, one number at a time."""
    return (labels.count(label) + strength * overall[label]) / (len(labels) + strength)


@given(labelled(), labelled())
def test_equals_the_formula(train: np.ndarray, val: np.ndarray) -> None:
    everything = [int(v) for v in train.flatten() if v >= 0]
    overall = [(everything.count(v) + 1 / CLASSES) / (len(everything) + 1) for v in range(CLASSES)]
    by_step = [[int(v) for v in column if v >= 0] for column in train.T]

    def left_out(strength: float) -> float:
        """The loss on train of each label's prediction from all the others at its step."""
        return -math.fsum(
            math.log(probability(labels[:i] + labels[i + 1 :], overall, strength, label))
            for labels in by_step
            for i, label in enumerate(labels)
        )

    nats = {
        strength: [
            -math.log(probability(labels, overall, strength, int(v)))
            for labels, column in zip(by_step, val.T, strict=True)
            for v in column
            if v >= 0
        ]
        for strength in (10.0**power for power in range(-3, 8))
    }
    best = min(map(left_out, nats))
    fitting = [np.mean(nats[strength]) for strength in nats if left_out(strength) <= best + 1e-9]  # ties may be cut
    found = memoryless_loss(train, val, CLASSES)
    assert any(found == pytest.approx(loss, rel=1e-9) for loss in fitting)


@given(st.lists(st.floats(-5, 5, width=32), min_size=1), st.lists(st.floats(-5, 5, width=32), min_size=1))
def test_numbers_are_guessed_by_the_mean_of_train(train: list[float], val: list[float]) -> None:
    mean = math.fsum(train) / len(train)
    expected = math.fsum((value - mean) ** 2 for value in val) / len(val)
    found = memoryless_loss(np.array(train, np.float32), np.array(val, np.float32), 0)
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


def test_one_class_for_an_item_is_one_step() -> None:
    train, val = np.array([0, 0, 0, 1]), np.array([0, 1])
    assert memoryless_loss(train, val, 2) == memoryless_loss(train[:, None], val[:, None], 2)


def test_few_labels_for_a_step_do_no_harm() -> None:
    """Two labels a step, of 8 classes that the step says nothing of: it is not believed."""
    generator = np.random.default_rng(0)
    train, val = generator.integers(0, 8, (2, 400)), generator.integers(0, 8, (50, 400))
    assert memoryless_loss(train, val, 8) == pytest.approx(math.log(8), abs=0.01)


def test_a_step_that_says_all_is_believed() -> None:
    labels = np.tile(np.arange(5), (50, 1))
    assert memoryless_loss(labels, labels, 5) < 1e-3


def test_no_constant_guess_at_each_step_is_better() -> None:
    """On the labels that it was counted from, with enough of them that smoothing says nothing."""
    labels = np.random.default_rng(0).choice(3, (4000, 2), p=[0.7, 0.2, 0.1])
    found = memoryless_loss(labels, labels, 3)
    for other in ([0.6, 0.3, 0.1], [0.8, 0.1, 0.1], [1 / 3] * 3):
        assert found < -np.log(np.array(other))[labels].mean()
    assert found == pytest.approx(-(0.7 * math.log(0.7) + 0.2 * math.log(0.2) + 0.1 * math.log(0.1)), abs=0.02)
