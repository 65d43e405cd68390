"""A tracking server that is away at the start, and killed in mid-run: training goes on, no point is lost or doubled."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rnnlab.rerun import points
from rnnlab.tracking.folder import RunFolder

AWAY_SECONDS = 20


@contextmanager
def server(place: Path, port: int) -> Iterator[None]:
    """A real MLflow server on its own store; killed with -9 at the end of the block."""
    command = [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    process = subprocess.Popen(
        [
            *command,
            "--backend-store-uri",
            f"sqlite:///{place}/server.db",
            "--artifacts-destination",
            str(place / "art"),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        wait_for(lambda: answers(port))
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2) as reply:
            return reply.status == 200
    except OSError:
        return False


def wait_for(condition: Callable[[], bool], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def last_step(workspace: Path) -> int:
    """How far the run has come, by its own log."""
    runs = [path for path in (workspace / "runs").glob("*") if (path / "points.jsonl").exists()]
    return max((step for run in runs for _, step in points(RunFolder(run))), default=0)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_away_at_the_start_and_killed_in_mid_run(workspace: Path) -> None:
    from mlflow.tracking import MlflowClient

    port = free_port()
    (workspace / "notes.txt").write_text("the quick brown fox jumps over the lazy dog\n" * 400, encoding="utf-8")
    command = ["train", "data=text", "data.path=notes.txt", "cell.hidden_size=8", "bptt.window=16", "threads=1"]
    command += ["trainer.max_steps=1000000", "trainer.final=false", f"tracking.uri=http://127.0.0.1:{port}"]
    run = subprocess.Popen(
        [sys.executable, "-m", "rnnlab", *command], cwd=workspace, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: last_step(workspace) > 500)  # trains although there is no server
        with server(workspace, port):
            seen = last_step(workspace)
            wait_for(lambda: last_step(workspace) > seen + 500)
        killed_at = last_step(workspace)
        time.sleep(AWAY_SECONDS)
        assert run.poll() is None and last_step(workspace) > killed_at  # never stopped
        with server(workspace, port):
            run.send_signal(signal.SIGINT)
            assert run.wait(timeout=180) == 130
            (folder,) = [RunFolder(path) for path in (workspace / "runs").iterdir()]
            client = MlflowClient(f"http://127.0.0.1:{port}")
            experiment = client.get_experiment_by_name("rnnlab")
            (stored,) = client.search_runs([experiment.experiment_id])
            expected = points(folder)
            for key in {key for key, _ in expected}:
                history = client.get_metric_history(stored.info.run_id, key)
                found = [(key, point.step) for point in history]
                assert len(found) == len(set(found)), f"{key} has doubles"
                assert dict(zip(found, (point.value for point in history), strict=True)) == {
                    place: value for place, value in expected.items() if place[0] == key
                }
            assert stored.info.status == "KILLED"
    finally:
        run.kill()
        run.wait()
