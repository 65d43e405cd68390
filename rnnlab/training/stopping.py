"""Ctrl-C: once to stop at the end of the chunk, twice to stop at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from rnnlab.errors import Interrupted


class SignalReporter:
    """A Reporter that answers "stop" once SIGINT or SIGTERM has come, and "continue" until then."""

    def __init__(self) -> None:
        self.asked = False

    def heartbeat(self, step: int) -> str:
        return "stop" if self.asked else "continue"

    def report(self, share: float, figures: dict[str, float]) -> str:
        return self.heartbeat(0)

    def receive(self, number: int, frame: FrameType | None) -> None:
        if self.asked:
            raise Interrupted("stopped at once; the last checkpoint stands")
        self.asked = True


Handlers = dict[signal.Signals, Any]


def present_handlers() -> Handlers:
    """What SIGINT and SIGTERM do now."""
    return {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}


def put_back(handlers: Handlers) -> None:
    """Let the signals do again what they did (only the main thread can say so)."""
    if threading.current_thread() is threading.main_thread():
        for number, handler in handlers.items():
            if handler is not None:  # None: not set from Python, so it can't be set from here
                signal.signal(number, handler)


@contextmanager
def listening_for_signals() -> Iterator[SignalReporter]:
    """Handle SIGINT and SIGTERM for the length of the block (only the main thread can)."""
    reporter = SignalReporter()
    if threading.current_thread() is not threading.main_thread():
        yield reporter
        return
    before = present_handlers()
    put_back(dict.fromkeys(before, reporter.receive))
    try:
        yield reporter
    finally:
        put_back(before)
