"""Lanes and idle time, against intervals drawn at random and sums done by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.analysis.timeline import Span, idle_share, lanes, sittings, spans_of

TIMES = st.integers(0, 100)
SPANS = st.lists(st.builds(lambda a, b: Span(f"{a}", float(a), float(a + b + 1)), TIMES, TIMES), min_size=1)


@given(SPANS)
def test_lanes_hold_every_span_without_overlap_and_are_as_few_as_can_be(spans: list[Span]) -> None:
    laid = lanes(spans)
    assert sorted(span for lane in laid for span in lane) == sorted(spans)
    for lane in laid:
        assert all(before.end <= after.start for before, after in zip(lane, lane[1:], strict=False))
    at_once = max(sum(other.start <= span.start < other.end for other in spans) for span in spans)
    assert len(laid) == at_once


@given(SPANS)
def test_idle_share_is_a_share(spans: list[Span]) -> None:
    assert -1e-9 <= idle_share([spans]) < 1


def test_idle_share_by_hand() -> None:
    two_slots = [Span("a", 0, 10), Span("b", 0, 8), Span("c", 10, 20), Span("d", 8, 20)]
    assert idle_share([two_slots]) == pytest.approx(0)
    assert idle_share([[Span("a", 0, 10), Span("b", 0, 5)]]) == pytest.approx(0.25)
    # A pause between two sittings is nobody's idle time.
    assert idle_share([[Span("a", 0, 10)], [Span("b", 1000, 1010)]]) == pytest.approx(0)
    assert idle_share([]) == 0


def test_sittings_part_where_the_sweep_was_started_again() -> None:
    spans = [Span("b", 20, 30), Span("a", 1, 9), Span("c", 21, 25)]
    assert sittings(spans, [0, 15, 50]) == [[spans[1]], [spans[0], spans[2]]]
    assert sittings([], [0]) == []


def test_spans_of_a_log() -> None:
    kinds = [("start", 1000), ("metric", 2000), ("resume", 9000), ("metric", 9500), ("finish", 10000)]
    entries = [{"kind": kind, "time": time} for kind, time in kinds]
    assert spans_of("a", entries) == [Span("a", 1, 2), Span("a", 9, 10)]
