"""What passes between a sweep and whoever looks at it: lines, pictures of the moment, and one question.

A sweep says and shows; it never asks who is there. ``watched_by`` names the watcher of a block, so that
it is found on the other side of Hydra too, which hands nothing through.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rnnlab.sweep.forecast import Forecast


@dataclass(frozen=True, slots=True)
class SlotView:
    """A slot that is training.

    title  what tells the run from others, as ``cell=lstm seed=1``
    since  seconds that it has been running
    place  how far it is, in twentieths of its budget, 0 to 20
    value  the metric as it was last reported; None before that
    """

    run_id: str
    title: str
    since: float
    place: int
    value: float | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A sweep at one moment.

    slots         what each slot trains; None for a free one
    counts        ended runs by state: complete, pruned, diverged, failed, out_of_memory, lost
    total         runs in all, as far as they are known; ended, waiting: how many of them
    best          the best metric so far, and in best_title whose it is; None where there is none
    seconds_left  at the pace so far; None where nothing can be said yet
    note          why nothing is started: "stopping", "waiting for another sweep's slots", or ""
    """

    sweep_id: str
    slots: tuple[SlotView | None, ...]
    counts: dict[str, int]
    total: int
    ended: int
    waiting: int
    best: float | None
    best_title: str
    metric: str
    seconds_left: float | None
    note: str = ""


class Watcher(Protocol):
    """Who looks at a sweep. None of it may keep the sweep waiting, but for the question.

    say    takes a line that stays: what is to be done, each run that ends
    show   takes the present moment, which the next one replaces; called as often as anything changes
    agree  whether to start, given the forecast; may raise RequestError where nobody can be asked
    concluded  the sweep's folder is complete; returns the names of the files that were added to it for people
    """

    def say(self, line: str) -> None: ...

    def show(self, snapshot: Snapshot) -> None: ...

    def agree(self, forecast: Forecast) -> bool: ...

    def concluded(self, folder: Path) -> list[str]: ...


_LOG = logging.getLogger("rnnlab.sweep")


class LineWatcher:
    """Where nobody looks: ``take`` gets the lines (default: the log ``rnnlab.sweep``), and everything may start."""

    def __init__(self, take: Callable[[str], object] = _LOG.info) -> None:
        self._take = take

    def say(self, line: str) -> None:
        self._take(line)

    def show(self, snapshot: Snapshot) -> None:
        pass

    def agree(self, forecast: Forecast) -> bool:
        return True

    def concluded(self, folder: Path) -> list[str]:
        return []


watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
"""Who looks at the sweeps of this context, unless ``sweep`` is told otherwise; None for nobody."""


@contextmanager
def watched_by(who: Watcher) -> Iterator[None]:
    """Have ``who`` look at the sweeps that the block starts."""
    token = watcher.set(who)
    try:
        yield
    finally:
        watcher.reset(token)


def duration(seconds: float) -> str:
    """``40 s``, ``3 min``, ``2 h 05 min``."""
    minutes = round(seconds / 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{minutes} min" if seconds >= 90 else f"{max(1, round(seconds))} s"
