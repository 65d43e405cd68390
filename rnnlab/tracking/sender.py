"""Carries the lines of run logs to a store, from one background thread, for as long as it takes.

Training appends to a file and never waits. The thread looks at the files about once a second and
delivers in short batches; while the store is away it tries again, ever more slowly.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from rnnlab.errors import WorkError
from rnnlab.tracking.base import Store, StoreAway
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.follower import Follower
from rnnlab.tracking.tail import Tail
from rnnlab.tracking.tensorboard import EventFile

_PAUSE = 1.0
_PAUSE_WHILE_BEHIND = 0.2
_SHORTEST_BACKOFF = 0.5
_LONGEST_BACKOFF = 5.0
_LAST_CALL = 15.0


@dataclass
class Backoff:
    """Waits that double from 0.5 s up to 5 s with each failure in a row."""

    wait: float = 0.0
    until: float = 0.0

    def fail(self) -> None:
        self.wait = min(max(2 * self.wait, _SHORTEST_BACKOFF), _LONGEST_BACKOFF)
        self.until = time.monotonic() + self.wait

    def succeed(self) -> None:
        self.wait = self.until = 0.0

    @property
    def waiting(self) -> bool:
        return time.monotonic() < self.until


class Sender:
    """Follows the folders it was given until ``close``. One per process is enough for many runs.

    ``store_factory`` opens the store; it is called in the thread, again and again while it raises
    ``StoreAway``; with None there is no store. ``tensorboard``: whether each folder's log is written
    into an event file too, which waits for no store.
    """

    def __init__(
        self,
        store_factory: Callable[[], Store] | None,
        folders: Iterable[RunFolder] = (),
        tensorboard: bool = False,
    ) -> None:
        self._troubles: dict[Follower | None, str] = {}
        self._factory = store_factory
        self._tensorboard = tensorboard
        self._store: Store | None = None
        self._away = Backoff()
        self._tails: dict[RunFolder, tuple[Tail, Backoff]] = {}
        self._event_files: dict[RunFolder, tuple[EventFile, Backoff]] = {}
        self._failure: Exception | None = None
        self._wake = threading.Event()
        self._deadline: float | None = None
        for folder in folders:
            self.add(folder)
        self._thread = threading.Thread(target=self._work, name="tracking sender", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str | None:
        """The last line said by what is away or refuses now; None where all goes well."""
        return next(reversed(list(self._troubles.values())), None)

    def add(self, folder: RunFolder) -> None:
        """Follow this folder too; a parent before its children. Adding it twice does no harm."""
        # The dictionaries are replaced, not changed: the thread may be walking over them.
        if self._factory is not None and folder not in self._tails:
            self._tails = {**self._tails, folder: (Tail(folder), Backoff())}
        if self._tensorboard and folder not in self._event_files:
            self._event_files = {**self._event_files, folder: (EventFile(folder), Backoff())}

    def close(self, wait_seconds: float) -> int:
        """Deliver what is left, for at most ``wait_seconds``; the number of lines that are not delivered.

        Those stay in the folders, and a later sender takes them up. Raises what broke the thread,
        should it have broken.
        """
        self._deadline = time.monotonic() + wait_seconds
        self._wake.set()
        # A call that is under way at the deadline may end by its own timeout.
        self._thread.join(wait_seconds + _LAST_CALL)
        if self._failure is not None:
            raise self._failure
        return self.pending()

    def pending(self) -> int:
        """How many complete lines of all folders are not delivered."""
        followers: list[Follower] = [tail for tail, _ in self._tails.values()]
        followers += [events for events, _ in self._event_files.values()]
        return sum(follower.pending() for follower in followers)

    def _work(self) -> None:
        try:
            while not self._is_over():
                more = self._deliver_round()
                self._wake.wait(self._pause(more))
        except Exception as error:
            # Nobody waits for this thread now: close() raises it where somebody does.
            self._failure = error

    def _is_over(self) -> bool:
        """Closed, and either all is delivered or the time is up."""
        if self._deadline is None:
            return False
        return time.monotonic() >= self._deadline or not self.pending()

    def _pause(self, more: bool) -> float:
        if self._deadline is None:
            return max(self._away.wait, _PAUSE_WHILE_BEHIND if more else _PAUSE)
        if self._wake.is_set():
            self._wake.clear()
        return 0.0 if more else min(_SHORTEST_BACKOFF, max(0.0, self._deadline - time.monotonic()))

    def _deliver_round(self) -> bool:
        """One batch from each folder that is behind; True if some may have more."""
        more = False
        for events, backoff in self._event_files.values():
            if events.behind and not backoff.waiting:
                more |= self._try(events, events.transcribe, backoff)
        try:
            for tail, backoff in self._tails.values():
                if tail.behind and not backoff.waiting:
                    more |= self._deliver(tail, backoff)
            self._away.succeed()
            self._troubles.pop(None, None)
        except StoreAway as error:
            self._troubles[None] = str(error)
            self._away.fail()
            return False
        return more

    def _deliver(self, tail: Tail, backoff: Backoff) -> bool:
        if self._store is None:
            assert self._factory is not None, "without a store there is no tail"
            self._store = self._factory()
        return self._try(tail, partial(tail.deliver, self._store), backoff)

    def _try(self, follower: Follower, deliver: Callable[[], bool], backoff: Backoff) -> bool:
        """One batch of one folder; where it is refused, this folder waits for a while, and the others go on."""
        try:
            delivered = deliver()
        except StoreAway:
            raise
        except WorkError as error:
            # The store refuses this run, the disk is full, or the log is damaged.
            self._troubles[follower] = str(error)
            backoff.fail()
            return False
        self._troubles.pop(follower, None)
        backoff.succeed()
        return delivered
