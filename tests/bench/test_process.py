"""What a command and all its processes take."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from rnnlab.bench.process import environment, measure, resident_bytes
from rnnlab.errors import WorkError

MEBIBYTE = 2**20
HOLDS = "import sys, time; held = bytearray(64 << 20); held[::4096] = bytes([1]) * len(held[::4096]); time.sleep(1)"
HAS_A_CHILD = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLDS!r}], check=True)"


def test_this_process_has_memory() -> None:
    assert 5 * MEBIBYTE < resident_bytes(os.getpid()) < 2**40


def test_a_child_of_the_command_counts(tmp_path: Path) -> None:
    alone = measure([sys.executable, "-c", HOLDS], tmp_path, environment(tmp_path))
    below = measure([sys.executable, "-c", HAS_A_CHILD], tmp_path, environment(tmp_path))
    assert alone.peak_bytes > 64 * MEBIBYTE
    assert below.peak_bytes > alone.peak_bytes


def test_a_command_that_fails_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(WorkError, match="exit code 3: the last words") as error:
        measure(
            [sys.executable, "-c", "import sys; print('the last words', file=sys.stderr); sys.exit(3)"],
            tmp_path,
            environment(tmp_path),
        )
    assert "\n" not in str(error.value)
