"""What a picture leaves out."""

from __future__ import annotations

import math

from rnnlab.report.framing import cut_at_frame, without_outliers


def test_outliers_are_left_out_on_the_worse_side_only() -> None:
    values = [1.0, 1.1, 1.2, 1.3, 100.0, -100.0, math.nan, 1e200]
    assert max(without_outliers(values, minimize=True)) == 1.3
    assert min(without_outliers(values, minimize=True)) == -100.0
    assert max(without_outliers(values, minimize=False)) == 100.0
    assert without_outliers([2.0, 2.0, 2.0, 2.0, 3.0], minimize=True) == [2.0, 2.0, 2.0, 2.0, 3.0]
    assert without_outliers([], minimize=True) == []


def test_a_line_is_cut_where_it_leaves_the_frame() -> None:
    cut = cut_at_frame([(0, 4.0), (1, 2.0), (2, 0.5), (3, math.nan), (4, 1.0)], 0.0, 3.0)
    assert math.isnan(cut[0][1]) and cut[1:4] == [(0.5, 3.0), (1, 2.0), (2, 0.5)]
    assert math.isnan(cut[4][1]) and cut[5] == (4, 1.0)
