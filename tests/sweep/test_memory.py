"""Limits of memory, in processes that really allocate until it fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.sweep import memory

CHECKOUT = Path(__file__).resolve().parent.parent.parent

FILL = """
import resource
import {library} as library
from rnnlab.sweep.memory import is_out_of_memory, limited

before = resource.getrlimit(resource.RLIMIT_DATA)
kept = []
try:
    with limited(0.25):
        for _ in range(64):
            kept.append(library.ones(2**21, dtype=library.float64))  # 1/64 GiB
except Exception as error:
    print(is_out_of_memory(error), len(kept))
kept.append(library.ones(2**26, dtype=library.float64))  # 1/2 GiB: there is no limit any more
assert resource.getrlimit(resource.RLIMIT_DATA) == before
"""


@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_a_process_that_takes_too_much_gets_an_error_and_goes_on(library: str) -> None:
    command = [sys.executable, "-c", FILL.format(library=library)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    is_known, pieces = done.stdout.split()
    assert is_known == "True"
    assert 14 <= int(pieces) <= 16


def test_no_limit_is_no_limit() -> None:
    with memory.limited(None):
        assert len(bytearray(2**20)) == 2**20


def test_only_want_of_memory_is_taken_for_it() -> None:
    import torch

    cause = RuntimeError("the run failed")
    cause.__cause__ = MemoryError()
    assert memory.is_out_of_memory(MemoryError())
    assert memory.is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    assert memory.is_out_of_memory(cause)
    assert not memory.is_out_of_memory(RuntimeError("shapes do not fit"))
    assert not memory.is_out_of_memory(OSError(28, "No space left on device"))


def test_the_machine_has_no_more_than_its_control_groups_allow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = memory.machine_memory_gb()
    assert 0 < whole < 1e6
    monkeypatch.setattr(memory, "_GROUPS", tmp_path)
    monkeypatch.setattr(memory, "_OWN_GROUP", tmp_path / "cgroup")
    (tmp_path / "job/step").mkdir(parents=True)
    (tmp_path / "job/step/memory.max").write_text("max\n")
    (tmp_path / "cgroup").write_text("5:cpu:/\n0::/job/step\n")
    unlimited = memory.machine_memory_gb()
    assert unlimited >= whole
    (tmp_path / "job/memory.max").write_text(f"{2**28}\n")
    assert memory.machine_memory_gb() == 0.25
    (tmp_path / "memory/task").mkdir(parents=True)
    (tmp_path / "memory/task/memory.limit_in_bytes").write_text(f"{2**27}\n")
    (tmp_path / "cgroup").write_text("4:memory:/task\n0::/\n")
    assert memory.machine_memory_gb() == 0.125
