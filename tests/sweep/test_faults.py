"""Real worker processes: runs side by side, workers and drivers killed, nothing lost and nothing repeated."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.sweep.driver import sweep
from rnnlab.sweep.watching import LineWatcher
from rnnlab.sweep.work import Assignment, Reporter, Work
from rnnlab.tracking.folder import RunFolder

pytestmark = pytest.mark.slow
CHECKOUT = Path(__file__).resolve().parent.parent.parent
TWO = "sweep.workers.count=2"

DRIVER = """
import sys, time
from rnnlab.sweep.driver import sweep
from rnnlab.sweep.watching import LineWatcher

def work(assignment, folder, reporter):
    with folder.lock():
        with open("starts.txt", "a") as file:
            file.write(folder.id + "\\n")
        for step in range(5):
            time.sleep(0.1)
            if reporter.heartbeat(step) != "continue":
                return
        with open("ends.txt", "a") as file:
            file.write(folder.id + "\\n")
        result = {"state": "complete", "metrics": {"best/val_loss": int(folder.id, 16) / 16**8}}
        folder.write_json("result.json", {"run_id": folder.id, "seconds": 1.0, "message": "", **result})

result = sweep(sys.argv[1:], seen_by=LineWatcher(lambda line: print(line, flush=True)), work=work)
print(result.table)
sys.exit(result.exit_code)
"""


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def test_a_worker_that_dies_takes_only_its_own_run_with_it(
    make_work: Callable[..., Work], space: list[str], workspace: Path
) -> None:
    def dies_once_or_always(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        marker = folder.path / "died"
        always = assignment.title == "cell=gru seed=1"
        if always or (assignment.title == "cell=lstm seed=0" and not marker.exists()):
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    said: list[str] = []
    result = sweep([*space, TWO], seen_by=LineWatcher(said.append), work=make_work(dies_once_or_always))
    assert (result.state, result.counts) == ("failed", {"complete": 5, "lost": 1})
    starts = Counter(lines(workspace / "starts.txt"))
    assert sorted(starts.values()) == [1, 1, 1, 1, 2, 3]
    assert len(set(lines(workspace / "ends.txt"))) == len(lines(workspace / "ends.txt")) == 5
    assert sum("it will go on from its checkpoint" in line for line in said) == 3


def start_driver(workspace: Path, arguments: list[str]) -> subprocess.Popen[str]:
    script = workspace / "drive.py"
    script.write_text(DRIVER, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, str(script), *arguments],
        cwd=workspace,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def wait_for_ends(workspace: Path, count: int, driver: subprocess.Popen[str]) -> None:
    while len(lines(workspace / "ends.txt")) < count and driver.poll() is None:
        time.sleep(0.05)


def test_a_killed_driver_is_continued_without_a_repetition(space: list[str], workspace: Path) -> None:
    arguments = [*space, TWO]
    driver = start_driver(workspace, arguments)
    wait_for_ends(workspace, 2, driver)
    driver.kill()
    driver.communicate(timeout=60)
    again = start_driver(workspace, arguments)
    said, _ = again.communicate(timeout=120)
    assert again.returncode == 0, said
    ends = lines(workspace / "ends.txt")
    assert len(ends) == len(set(ends)) == 6
    assert len(list((workspace / "runs").glob("*/result.json"))) == 6


def test_ctrl_c_reaches_the_workers_and_the_same_command_goes_on(space: list[str], workspace: Path) -> None:
    arguments = [*space, TWO]
    driver = start_driver(workspace, arguments)
    wait_for_ends(workspace, 2, driver)
    driver.send_signal(signal.SIGINT)
    said, _ = driver.communicate(timeout=60)
    assert driver.returncode == 130, said
    assert "stopping" in said
    again = start_driver(workspace, arguments)
    said, _ = again.communicate(timeout=120)
    assert again.returncode == 0, said
    ends = lines(workspace / "ends.txt")
    assert len(ends) == len(set(ends)) == 6
