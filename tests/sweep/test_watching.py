"""Who looks at a sweep is known inside a block, and nobody is needed."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from rnnlab.sweep.forecast import Forecast
from rnnlab.sweep.watching import LineWatcher, Snapshot, duration, watched_by, watcher

LARGE = Forecast(runs=24, slots=2, minutes=1e6, disk_bytes=10**15, free_bytes=0)
NOTHING_YET = Snapshot("1c26d160", (None,), {}, 4, 0, 4, None, "", "best/val_loss", None)


def test_a_block_has_its_own_watcher() -> None:
    outer, inner = LineWatcher(), LineWatcher()
    assert watcher.get() is None
    with watched_by(outer):
        with watched_by(inner):
            assert watcher.get() is inner
        assert watcher.get() is outer
        with pytest.raises(ValueError), watched_by(inner):
            raise ValueError
        assert watcher.get() is outer
    assert watcher.get() is None


def test_where_nobody_looks_lines_are_logged_and_everything_may_start(caplog: pytest.LogCaptureFixture) -> None:
    nobody = LineWatcher()
    with caplog.at_level(logging.INFO, "rnnlab.sweep"):
        nobody.show(NOTHING_YET)
        nobody.say("3 trials")
    assert caplog.messages == ["3 trials"]
    assert LARGE.is_large
    assert nobody.agree(LARGE)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "1 s"), (40, "40 s"), (89, "89 s"), (200, "3 min"), (3590, "1 h 00 min"), (7500, "2 h 05 min")],
)
def test_durations_are_said_in_two_figures_or_so(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_the_interface_needs_neither_torch_nor_a_terminal() -> None:
    code = "import rnnlab.sweep.watching, sys; assert not {'torch', 'rich', 'hydra', 'numpy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
