"""The real MLflow: sqlite files, several processes at once, and a server that dies and comes back."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from rnnlab.tracking.base import ParentAbsent, Point, RunUnknown, StoreAway, store_uri
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import RunLog
from rnnlab.tracking.mlflow import MlflowStore
from rnnlab.tracking.sender import Sender

CHECKOUT = str(Path(__file__).parents[2])


def start_line(run_id: str, parent: str | None = None, **params: str) -> dict[str, object]:
    return {
        "kind": "start",
        "time": 1_700_000_000_000,
        "run_id": run_id,
        "name": f"name of {run_id}",
        "experiment": "rnnlab",
        "params": params,
        "tags": {"rnnlab.seed": "0"},
        "parent": parent,
    }


def history(client: MlflowClient, run: str, key: str) -> list[tuple[int, float]]:
    return sorted((point.step, point.value) for point in client.get_metric_history(run, key))


def all_runs(client: MlflowClient) -> list[Run]:
    experiment = client.get_experiment_by_name("rnnlab")
    assert experiment is not None
    return list(client.search_runs([experiment.experiment_id]))


@pytest.fixture(scope="module")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that was just created; MLflow needs seconds for it."""
    path = tmp_path_factory.mktemp("fresh") / "mlflow.db"
    MlflowStore(f"sqlite:///{path}")
    return path


@pytest.fixture
def store(workspace: Path, fresh_database: Path) -> MlflowStore:
    shutil.copy(fresh_database, workspace / "mlflow.db")
    return MlflowStore(store_uri())


@pytest.fixture
def client(store: MlflowStore) -> MlflowClient:
    return MlflowClient(tracking_uri=store.identity)


def test_a_run_as_the_dashboard_shows_it(store: MlflowStore, client: MlflowClient, workspace: Path) -> None:
    parent = store.create_run(start_line("parent"))
    run = store.create_run(start_line("child", "parent", cell="lstm", lr="0.1"))
    store.metrics(run, [Point("loss", 1.5, 1, 1_700_000_000_100), Point("loss", float("nan"), 2, 1_700_000_000_200)])
    store.tags(run, {"rnnlab.state": "diverged"})
    (workspace / "notes.txt").write_text("hello")
    store.file(run, workspace / "notes.txt", "kept")
    store.finish(run, "FINISHED", 1_700_000_060_000)

    found = client.get_run(run)
    assert found.info.run_name == "name of child"
    assert (found.info.start_time, found.info.end_time) == (1_700_000_000_000, 1_700_000_060_000)
    assert found.info.status == "FINISHED"
    assert found.data.params == {"cell": "lstm", "lr": "0.1"}
    assert found.data.tags["rnnlab.run_id"] == "child"
    assert found.data.tags["rnnlab.state"] == "diverged"
    assert found.data.tags["mlflow.parentRunId"] == parent
    assert [step for step, _ in history(client, run, "loss")] == [1, 2]
    assert [entry.path for entry in client.list_artifacts(run, "kept")] == ["kept/notes.txt"]


def test_every_call_may_be_repeated(store: MlflowStore, client: MlflowClient) -> None:
    values = [0.5, float("nan"), float("inf"), -float("inf")]
    points = [Point("loss", value, step, 1_700_000_000_000 + step) for step, value in enumerate(values)]
    runs = set()
    for _ in range(2):
        run = store.create_run(start_line("one", cell="lstm"))
        runs.add(run)
        store.metrics(run, points)
        store.tags(run, {"a": "b"})
        store.finish(run, "KILLED", 1_700_000_060_000)
    assert len(runs) == len(all_runs(client)) == 1
    assert [step for step, _ in history(client, run, "loss")] == [0, 1, 2, 3]


def test_more_than_mlflow_takes_in_one_call(store: MlflowStore, client: MlflowClient) -> None:
    run = store.create_run(start_line("big", **{f"p{n}": str(n) for n in range(230)}))
    store.metrics(run, [Point("loss", step / 3, step, 1_700_000_000_000 + step) for step in range(2300)])
    assert len(client.get_run(run).data.params) == 230
    assert history(client, run, "loss") == [(step, step / 3) for step in range(2300)]


def test_a_resumed_run_is_running(store: MlflowStore, client: MlflowClient) -> None:
    run = store.create_run(start_line("one"))
    store.finish(run, "KILLED", 1_700_000_060_000)
    store.resume(run)
    assert client.get_run(run).info.status == "RUNNING"
    store.finish(run, "FINISHED", 1_700_000_090_000)
    assert client.get_run(run).info.end_time == 1_700_000_090_000


def test_refusals_have_names(store: MlflowStore) -> None:
    with pytest.raises(ParentAbsent, match="parent nobody is not in the store yet"):
        store.create_run(start_line("child", "nobody"))
    with pytest.raises(RunUnknown):
        store.metrics("0" * 32, [Point("loss", 1.0, 1, 1)])


def test_a_server_that_is_not_there_is_away(unused_port: int) -> None:
    with pytest.raises(StoreAway) as caught:
        MlflowStore(f"http://127.0.0.1:{unused_port}")
    assert "\n" not in str(caught.value)


RUN = """
import sys
from rnnlab.tracking.setup import Tracking
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import RunLog
folder = RunFolder.create()
sender = Tracking(Tracking.Config()).sender([folder])
with RunLog(folder) as log:
    log.start("name", "rnnlab", {}, {})
    for step in range(50):
        log.metrics({"loss": step / 3}, step)
    log.finish("FINISHED")
left = sender.close(120)
assert left == 0, (left, sender.trouble)
"""


@pytest.mark.slow
def test_four_processes_at_once_in_a_fresh_folder(workspace: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RUN],
            env=os.environ | {"PYTHONPATH": CHECKOUT},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(4)
    ]
    said = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], said
    assert said == ["", "", "", ""], "a store is opened and fed without a word"
    client = MlflowClient(tracking_uri=store_uri())
    runs = all_runs(client)
    assert len({run.data.tags["rnnlab.run_id"] for run in runs}) == len(runs) == 4
    for run in runs:
        assert run.info.status == "FINISHED"
        assert history(client, run.info.run_id, "loss") == [(step, step / 3) for step in range(50)]


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def server(folder: Path, port: int) -> Iterator[None]:
    """An MLflow server of its own, killed with -9 at the end; its store outlives it."""
    options = {
        "--host": "127.0.0.1",
        "--port": str(port),
        "--workers": "1",
        "--backend-store-uri": f"sqlite:///{folder}/server.db",
        "--artifacts-destination": str(folder / "artifacts"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", *itertools.chain(*options.items())],
        cwd=folder,
        env=os.environ | {"MLFLOW_DISABLE_TELEMETRY": "true"},
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        yield
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_for(address: str) -> None:
    deadline = time.monotonic() + 90
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            assert time.monotonic() < deadline, f"{address} did not come up"
            time.sleep(0.2)


@pytest.mark.slow
def test_a_server_away_at_the_start_and_killed_in_mid_run(
    workspace: Path, unused_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = f"http://127.0.0.1:{unused_port}"
    folder = RunFolder.create()
    sender = Sender(lambda: MlflowStore(uri), [folder])
    step = 0

    def produce(log: RunLog, steps: int) -> None:
        nonlocal step
        for _ in range(steps):
            log.metrics({"loss": step / 3, "accuracy": step / 7}, step)
            step += 1
            time.sleep(0.005)

    with RunLog(folder) as log:
        log.start("name", "rnnlab", {"cell": "lstm"}, {})
        (folder.path / "notes.txt").write_text("hello")
        log.file("notes.txt")
        produce(log, 200)
        with server(workspace, unused_port):
            while sender.pending() > 20:
                produce(log, 50)
            produce(log, 100)
        produce(log, 400)
        with server(workspace, unused_port):
            produce(log, 200)
            log.finish("FINISHED")
            assert sender.close(120) == 0, sender.trouble
            monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "60")  # all points at once take a busy server some time
            client = MlflowClient(tracking_uri=uri)
            (run,) = all_runs(client)
            assert run.info.status == "FINISHED"
            assert [entry.path for entry in client.list_artifacts(run.info.run_id)] == ["notes.txt"]
            for key, part in (("loss", 3), ("accuracy", 7)):
                assert history(client, run.info.run_id, key) == [(s, s / part) for s in range(step)]
