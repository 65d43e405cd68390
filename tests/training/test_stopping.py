"""Signals: one asks for a stop at the chunk's end, a second one stops at once."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from rnnlab.errors import Interrupted
from rnnlab.training.stopping import SignalReporter, listening_for_signals

both = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])


@both
def test_one_asks_for_a_stop(number: int) -> None:
    before = signal.getsignal(number)
    with listening_for_signals() as reporter:
        assert reporter.heartbeat(1) == reporter.report(1, 2.0) == "continue"
        os.kill(os.getpid(), number)
        assert reporter.heartbeat(2) == reporter.report(2, 2.0) == "stop"
    assert signal.getsignal(number) is before


@both
def test_two_stop_at_once(number: int) -> None:
    before = signal.getsignal(number)
    with pytest.raises(Interrupted, match="the last checkpoint stands"), listening_for_signals():
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
    assert signal.getsignal(number) is before


def test_another_thread_leaves_the_signals_alone() -> None:
    before = signal.getsignal(signal.SIGINT)
    seen: list[object] = []

    def listen() -> None:
        with listening_for_signals() as reporter:
            seen.extend([signal.getsignal(signal.SIGINT), type(reporter), reporter.heartbeat(1)])

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert seen == [before, SignalReporter, "continue"]
