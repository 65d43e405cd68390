"""When runs ran: stretches of time, the lanes they fit into, the share of time that lanes stood idle.

All times are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple


class Span(NamedTuple):
    """A run at work without a break. A run that was interrupted and resumed has several."""

    run_id: str
    start: float
    end: float


def spans_of(run_id: str, entries: Iterable[dict[str, Any]]) -> list[Span]:
    """The stretches that a run's log tells of: from a start or resumption to the last entry before the next."""
    spans: list[Span] = []
    for entry in entries:
        time = entry["time"] / 1000
        if entry["kind"] in ("start", "resume") or not spans:
            spans.append(Span(run_id, time, time))
        else:
            spans[-1] = spans[-1]._replace(end=time)
    return spans


def sittings(spans: Iterable[Span], starts: Sequence[float]) -> list[list[Span]]:
    """The spans, parted where the sweep was started again (``starts``, in order); none is empty."""
    parted: list[list[Span]] = [[]]
    later = list(starts[1:])
    for span in sorted(spans, key=lambda span: (span.start, span.run_id)):
        while later and span.start >= later[0]:
            parted.append([])
            later.pop(0)
        parted[-1].append(span)
    return [sitting for sitting in parted if sitting]


def lanes(spans: Iterable[Span]) -> list[list[Span]]:
    """The spans laid out so that none in a lane overlaps another: each goes to the first lane that is free.

    That needs no more lanes than there were slots at work at once.
    """
    laid: list[list[Span]] = []
    for span in sorted(spans, key=lambda span: (span.start, span.run_id)):
        free = next((lane for lane in laid if lane[-1].end <= span.start), None)
        if free is None:
            laid.append([span])
        else:
            free.append(span)
    return laid


def idle_share(parted: Iterable[Sequence[Span]]) -> float:
    """The share of the lanes' time in which they ran nothing, from 0 to 1, over all sittings.

    A sitting counts from its first run's start to its last run's end: time before and between
    sittings is nobody's. 0 where nothing took any time.
    """
    offered = busy = 0.0
    for spans in parted:
        first, last = min(span.start for span in spans), max(span.end for span in spans)
        offered += len(lanes(spans)) * (last - first)
        busy += sum(span.end - span.start for span in spans)
    return 1 - busy / offered if offered else 0.0
