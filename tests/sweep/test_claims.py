"""Two sweeps share one machine: what one has the other cannot have, and nobody starves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.errors import RequestError
from rnnlab.sweep.claims import Claim, Claims

CHECKOUT = Path(__file__).resolve().parent.parent.parent

OTHER = """
import sys
from pathlib import Path
from rnnlab.sweep.claims import Claims

claims = Claims(Path(sys.argv[1]), cores=[0, 1, 2, 3])
for line in sys.stdin:
    print(claims.take(int(line), {}), flush=True)
"""
"""Another process: takes as many cores as each line says, and says which."""


@pytest.fixture
def sweep(tmp_path: Path) -> Callable[[], Claims]:
    """Each call gives another sweep on a machine of four cores."""
    return lambda: Claims(tmp_path / "slots.lock", cores=[0, 1, 2, 3])


Sweep = Callable[[], Claims]


def taken(claim: Claim | None) -> Claim:
    assert claim is not None
    return claim


def test_what_one_has_the_other_cannot_have(sweep: Sweep) -> None:
    first, second = sweep(), sweep()
    three = taken(first.take(3, {}))
    assert three.cores == (0, 1, 2)
    assert second.take(2, {}) is None
    assert taken(second.take(1, {})).cores == (3,)
    first.give_back(three)
    assert taken(second.take(2, {})).cores == (0, 1)


def test_one_sweep_does_not_take_a_core_twice(sweep: Sweep) -> None:
    only = sweep()
    assert [taken(only.take(1, {})).cores for _ in range(4)] == [(0,), (1,), (2,), (3,)]
    assert only.take(1, {}) is None


def test_a_gpu_is_shared_by_hundredths(sweep: Sweep) -> None:
    first, second = sweep(), sweep()
    quarters = [taken(first.take(1, {0: 25})) for _ in range(3)]
    assert second.take(1, {0: 50}) is None
    assert taken(second.take(1, {1: 100})).cores == (3,)
    first.give_back(quarters[0])
    assert taken(second.take(1, {0: 50})).cores == (0,)
    assert first.take(0, {0: 1}) is None


def test_what_cannot_be_had_whole_is_not_held_in_part(sweep: Sweep) -> None:
    first, second = sweep(), sweep()
    first.take(0, {0: 60})
    assert second.take(4, {0: 50}) is None
    assert taken(first.take(4, {})).cores == (0, 1, 2, 3)


def test_nothing_wanted_is_always_there(sweep: Sweep) -> None:
    first, second = sweep(), sweep()
    first.take(4, {})
    assert taken(second.take(0, {})).cores == ()


def test_who_has_more_leaves_a_core_to_who_waits_with_fewer(sweep: Sweep) -> None:
    rich, poor = sweep(), sweep()
    claims = [taken(rich.take(1, {})) for _ in range(4)]
    assert poor.take(1, {}) is None
    rich.give_back(claims.pop())
    assert rich.take(1, {}) is None, "the other one waits, and has nothing"
    assert poor.take(1, {}) is not None
    rich.give_back(claims.pop())
    assert rich.take(1, {}) is not None, "nobody waits any more"


def test_many_small_ones_do_not_starve_a_large_one(sweep: Sweep) -> None:
    small, large = sweep(), sweep()
    claims = [taken(small.take(1, {})) for _ in range(4)]
    assert large.take(3, {}) is None
    while len(claims) > 1:
        small.give_back(claims.pop())
        assert small.take(1, {}) is None
    assert taken(large.take(3, {})).cores == (1, 2, 3)


def test_who_gives_up_waiting_holds_nobody_up(sweep: Sweep) -> None:
    rich, poor = sweep(), sweep()
    rich.take(3, {})
    assert poor.take(2, {}) is None
    assert rich.take(1, {}) is None
    poor.wait_no_more()
    assert rich.take(1, {}) is not None


def test_closing_gives_everything_back(sweep: Sweep) -> None:
    first, second = sweep(), sweep()
    first.take(4, {})
    first.close()
    first.close()
    assert second.take(4, {}) is not None


def test_processes_exclude_each_other_and_a_killed_one_holds_nothing(sweep: Sweep, tmp_path: Path) -> None:
    here = sweep()
    command = [sys.executable, "-c", OTHER, str(tmp_path / "slots.lock")]
    environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
    with subprocess.Popen(command, env=environment, stdin=-1, stdout=-1, text=True) as other:
        assert other.stdin is not None and other.stdout is not None

        def told(cores: int) -> str:
            other.stdin.write(f"{cores}\n")
            other.stdin.flush()
            return other.stdout.readline()

        assert "cores=(0, 1, 2)" in told(3)
        assert here.take(2, {}) is None
        assert taken(here.take(1, {})).cores == (3,)
        assert told(1) == "None\n"
        other.send_signal(signal.SIGKILL)
        other.wait()
    assert taken(here.take(3, {})).cores == (0, 1, 2)


def test_the_file_lies_in_a_folder_that_is_its_users_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    Claims().close()
    folder = tmp_path / f"rnnlab-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.chmod(0o777)
    with pytest.raises(RequestError, match="only its owner"):
        Claims()
    (folder / "slots.lock").unlink()
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RequestError, match="only its owner"):
        Claims()
