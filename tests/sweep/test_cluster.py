"""Sweeps on a Ray cluster of several nodes, all on this machine: the table is that of a sweep in one process."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rnnlab.errors import RequestError, WorkError
from rnnlab.sweep.driver import SweepResult, sweep
from rnnlab.sweep.watching import LineWatcher
from rnnlab.sweep.work import Assignment, Reporter, Work, train
from rnnlab.tracking.entries import read_log
from rnnlab.tracking.folder import RunFolder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
CHECKOUT = Path(__file__).resolve().parent.parent.parent
VARIABLES = {
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # Ray's name for: listen on the loopback only
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": "0123456789abcdef" * 4,
    "PYTHONPATH": str(CHECKOUT),
}
SMALL = ["data=hello", "bptt.window=4", "cell.hidden_size=8", "embedding=one_hot", "tracking.store=none"]
SHORT = ["cell=elman,lstm", "seed=0,1", *SMALL, "trainer.max_steps=60", "trainer.val_every=20"]
LONG = ["cell=elman,lstm", *SMALL, "trainer.max_steps=2000", "trainer.val_every=100"]

AddNode = Callable[..., Any]


@pytest.fixture(scope="module")
def head() -> Iterator[Any]:
    """A cluster whose first node trains nothing."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in VARIABLES.items():
            patch.setenv(name, value)
        from ray.cluster_utils import Cluster

        cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
        yield cluster
        cluster.shutdown()


@pytest.fixture
def add_node(head: Any, workspace: Path) -> Iterator[AddNode]:
    """Adds a node of one core; ``runs`` is its own folder for runs, and without one it has the driver's."""
    added = []

    def add(runs: Path | None = None) -> Any:
        variables = {"RNNLAB_RUNS": str(runs or "")}
        added.append(head.add_node(num_cpus=1, env_vars=variables, include_dashboard=False))
        return added[-1]

    yield add
    for node in added:
        if node in head.worker_nodes:
            head.remove_node(node)
    head.wait_for_nodes()  # what was removed is no room any more for the next test


def on(head: Any, arguments: list[str], work: Work = train, said: list[str] | None = None) -> SweepResult:
    watcher = LineWatcher([].append if said is None else said.append)
    return sweep([*arguments, f"sweep.workers.address={head.address}"], seen_by=watcher, work=work)


def inline(arguments: list[str], runs: Path, monkeypatch: pytest.MonkeyPatch) -> SweepResult:
    with monkeypatch.context() as patch:
        patch.setenv("RNNLAB_RUNS", str(runs))
        return sweep([*arguments, "sweep.workers.inline=true"])


def results(runs: Path) -> dict[str, tuple[str, dict[str, float]]]:
    """What each run came to: its weights and its figures, apart from the time that it took."""
    found = {}
    for path in runs.glob("*/result.json"):
        result = json.loads(path.read_text())
        figures = {key: value for key, value in result["metrics"].items() if key != "seconds"}
        found[path.parent.name] = (result["weights_sha256"], figures)
    return found


def points(folder: Path) -> dict[tuple[str, int], float]:
    metrics = [entry for entry in read_log(RunFolder(folder)) if entry["kind"] == "metric"]
    logged = [((key, each["step"]), value) for each in metrics for key, value in each["values"].items()]
    assert len(logged) == len(dict(logged))
    return {place: value for place, value in logged if place[0] != "seconds"}


def check_equal(runs: Path, reference: Path) -> None:
    assert results(runs) == results(reference)
    for name in results(reference):
        assert points(runs / name) == points(reference / name)
        assert {path.name for path in (reference / name).iterdir()} <= {path.name for path in (runs / name).iterdir()}


@pytest.mark.parametrize("own_storage", [False, True])
def test_a_cluster_gives_the_table_of_one_process(
    own_storage: bool, head: Any, add_node: AddNode, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nodes = [workspace / "first", workspace / "second"]
    for runs in nodes:
        add_node(runs if own_storage else None)
    expected = inline(SHORT, workspace / "reference", monkeypatch)
    said: list[str] = []
    result = on(head, SHORT, said=said)
    assert (result.state, result.table) == ("complete", expected.table), said
    check_equal(workspace / "runs", workspace / "reference")
    assert "on 2 slots" in said[0]
    assert [runs.exists() for runs in nodes] == [own_storage] * 2
    assert not [path for runs in nodes for path in runs.glob(".node/*")]


def test_a_node_that_is_removed_loses_no_run(
    head: Any, add_node: AddNode, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaving, staying = workspace / "leaving", workspace / "staying"
    node = add_node(leaving)
    add_node(staying)
    expected = inline(LONG, workspace / "reference", monkeypatch)
    removed: list[str] = []

    def remove() -> None:
        """As soon as a checkpoint of a run on that node has arrived."""
        while not removed:
            time.sleep(0.05)
            removed.extend(
                path.name for path in leaving.glob(".node/*") if (workspace / "runs" / path.name / "best.ckpt").exists()
            )
        head.remove_node(node, allow_graceful=False)

    thread = threading.Thread(target=remove)
    thread.start()
    said: list[str] = []
    result = on(head, LONG, said=said)
    thread.join()
    assert (result.state, result.table) == ("complete", expected.table), said
    check_equal(workspace / "runs", workspace / "reference")
    assert sum("it will go on from its checkpoint" in line for line in said) == 1
    kinds = [entry["kind"] for entry in read_log(RunFolder(workspace / "runs" / removed[0]))]
    assert kinds.count("start") == kinds.count("resume") == 1


def test_without_any_node_the_sweep_ends_in_one_line(
    head: Any, add_node: AddNode, make_work: Callable[..., Work], space: list[str], workspace: Path
) -> None:
    node = add_node()

    def hangs(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        while True:
            time.sleep(0.1)

    def remove() -> None:
        while not (workspace / "starts.txt").exists():
            time.sleep(0.05)
        head.remove_node(node, allow_graceful=False)

    thread = threading.Thread(target=remove)
    thread.start()
    with pytest.raises(WorkError, match="no node is left in the cluster"):
        on(head, space, make_work(hangs))
    thread.join()
    add_node()
    assert on(head, space, make_work()).counts == {"complete": 6}


def test_a_failure_names_its_node(
    head: Any, add_node: AddNode, make_work: Callable[..., Work], space: list[str], workspace: Path
) -> None:
    def fails(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        raise RequestError(f"data.path: there is no such file in {os.getcwd()}")

    add_node(workspace / "own")
    result = on(head, [*space, "sweep.n_trials=1"], make_work(fails))
    assert result.counts == {"failed": 2}
    messages = [json.loads(path.read_text())["message"] for path in (workspace / "runs").glob("*/result.json")]
    assert len(messages) == 2 and all("data.path: there is no such file" in line for line in messages)
    assert all("(on node " in line for line in messages)


def test_more_than_the_cluster_has_is_refused(head: Any, add_node: AddNode, space: list[str], workspace: Path) -> None:
    add_node()
    add_node()
    for request in (["sweep.workers.count=3"], ["sweep.workers.cpus=2"], ["sweep.workers.gpus=0.5"]):
        with pytest.raises(RequestError, match="sweep.workers.address = .*: its nodes have room for"):
            on(head, [*space, *request])
    assert not (workspace / "runs").exists()


@pytest.mark.parametrize("address", ["127.0.0.1:1", "no-such-host.invalid:6379", "nonsense"])
def test_a_cluster_that_does_not_answer_ends_in_one_line(address: str, space: list[str], workspace: Path) -> None:
    with pytest.raises(RequestError) as error:
        sweep([*space, f"sweep.workers.address={address}"])
    assert str(error.value).startswith(f"sweep.workers.address = {address!r}: ")
    assert "\n" not in str(error.value)
    assert not (workspace / "runs").exists()


def test_a_wrong_token_is_said(
    head: Any, space: list[str], workspace: Path, rnnlab_process: Callable[..., Any]
) -> None:
    command = ["train", "-m", *space, f"sweep.workers.address={head.address}"]
    answer = rnnlab_process(*command, RAY_AUTH_TOKEN="f" * 64)
    assert answer.exit_code == 2
    assert "the cluster wants its token" in answer.stderr
    assert not (workspace / "runs").exists()
