"""Which of several right answers counts."""

from __future__ import annotations

import numpy as np

from rnnlab.scores.edits import edit_distance
from rnnlab.scores.targets import lengths_of, nearest


def test_a_sequence_ends_before_its_first_zero_or_minus_one() -> None:
    rows = np.array([[3, 4, 0, 7], [0, 1, 1, 1], [1, 2, 3, 4], [5, -1, -1, -1]])
    assert lengths_of(rows).tolist() == [2, 0, 4, 1]


def test_the_nearest_of_several_targets_counts() -> None:
    written = np.array([[1, 2, 3, 0], [1, 2, 0, 0], [4, 0, 0, 0]])
    labels = np.array([[1, 2, 2, 0, -1], [1, 2, 0, -1, -1], [1, 1, 1, 1, 0]])
    others = np.array([[[1, 2, 3, 0], [-1, -1, -1, -1]], [[2, 2, 2, 0], [-1] * 4], [[1, 0, -1, -1], [-1] * 4]])
    found = nearest(written, labels, others)
    assert found.edits.tolist() == [0, 0, 1] and found.lengths.tolist() == [3, 2, 1]
    assert found.exact.tolist() == [True, True, False]
    alone = nearest(written, labels)
    assert alone.edits.tolist() == [1, 0, 4] and alone.lengths.tolist() == [3, 2, 4]


def test_of_equally_near_ones_the_longer_counts() -> None:
    found = nearest(np.array([[1, 2, 0, 0]]), np.array([[1, 0, -1, -1]]), np.array([[[1, 2, 2, 0]]]))
    assert (found.edits.tolist(), found.lengths.tolist()) == ([1], [3])


def test_against_a_loop() -> None:
    draw = np.random.default_rng(3)
    written, labels, others = (draw.integers(0, 4, shape) for shape in ((40, 6), (40, 5), (40, 3, 7)))
    others[draw.random((40, 3)) < 0.4] = -1
    found = nearest(written, labels, others)

    def symbols(row: np.ndarray) -> list[int]:
        return row[: list(row).index(0)].tolist() if 0 in row else row.tolist()

    for number in range(40):
        targets = [labels[number], *(row for row in others[number] if row[0] >= 0)]
        all_edits = [edit_distance(symbols(written[number]), symbols(target)) for target in targets]
        assert found.edits[number] == min(all_edits)
        assert found.lengths[number] in [
            len(symbols(t)) for t, e in zip(targets, all_edits, strict=True) if e == min(all_edits)
        ]
