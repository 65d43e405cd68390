"""Times as people read them, and learning curves that stay small."""

from __future__ import annotations

import pytest

from rnnlab.report.chart import thinned
from rnnlab.report.time_figures import duration


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (88, "88 s"), (750, "12.5 min"), (7200, "120.0 min"), (25920, "7.2 h")]
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_thinned_keeps_both_ends_and_the_order() -> None:
    points = [(step, float(step)) for step in range(1000)]
    few = thinned(points, 10)
    assert len(few) == 10 and few[0] == points[0] and few[-1] == points[-1]
    assert list(few) == sorted(few)
    assert thinned(points[:5], 10) == points[:5]
