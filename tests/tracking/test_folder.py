"""Run folders: how they are made, found, locked and read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rnnlab.errors import RequestError, WorkError
from rnnlab.tracking.folder import RunFolder, list_runs, runs_root


def make_run(id: str, created: str, loss: float | None = None, name: str | None = None) -> RunFolder:
    run = RunFolder.create(id)
    run.write_json("environment.json", {"created": created})
    (run.path / "config.yaml").write_text(f"run_name: {name or 'null'}\nseed: 3\n")
    if loss is not None:
        run.write_json("result.json", {"state": "complete", "metrics": {"best/val_loss": loss}})
    return run


@pytest.fixture
def runs(workspace: Path) -> list[RunFolder]:
    return [
        make_run("bbbb0000", "2026-01-03T10:00:00+00:00", 1.5, "wide"),
        make_run("aaaa1111", "2026-01-01T10:00:00+00:00", 1.2, "deep"),
        make_run("aaaa2222", "2026-01-02T10:00:00+00:00", float("nan"), "twice"),
        make_run("cccc3333", "2026-01-02T11:00:00+00:00", None, "twice"),
    ]


def test_a_new_run_is_an_empty_folder_with_a_short_id(workspace: Path) -> None:
    run = RunFolder.create()
    assert run.path == workspace / "runs" / run.id
    assert len(run.id) == 8
    assert int(run.id, 16) >= 0
    assert not list(run.path.iterdir())


def test_an_id_that_is_taken_is_drawn_again(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["0" * 8, "0" * 8, "1" * 8])
    monkeypatch.setattr("secrets.token_hex", lambda bytes: next(drawn))
    assert RunFolder.create().id == "0" * 8
    assert RunFolder.create().id == "1" * 8


def test_a_given_id_that_is_taken_is_refused(workspace: Path) -> None:
    RunFolder.create("first")
    with pytest.raises(RequestError, match="exists already"):
        RunFolder.create("first")


@pytest.mark.parametrize("root", ["/sys/rnnlab", "file/runs"])
def test_a_place_that_cannot_be_written_is_a_wrong_request(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, root: str
) -> None:
    (workspace / "file").write_text("in the way")
    monkeypatch.setenv("RNNLAB_RUNS", root)
    with pytest.raises(RequestError, match="RNNLAB_RUNS"):
        RunFolder.create()


def test_runs_are_listed_oldest_first_without_sweeps(runs: list[RunFolder]) -> None:
    (runs_root() / "sweeps" / "dddd4444").mkdir(parents=True)
    assert [run.id for run in list_runs()] == ["aaaa1111", "aaaa2222", "cccc3333", "bbbb0000"]


@pytest.mark.parametrize(
    ("reference", "id"),
    [
        ("last", "bbbb0000"),
        ("best", "aaaa1111"),
        ("aaaa2222", "aaaa2222"),
        ("b", "bbbb0000"),
        ("deep", "aaaa1111"),
    ],
)
def test_a_run_is_found_by(runs: list[RunFolder], reference: str, id: str) -> None:
    assert RunFolder.find(reference).id == id


@pytest.mark.parametrize(
    ("reference", "line"),
    [
        ("aaaa", "ambiguous: aaaa1111, aaaa2222"),
        ("twice", "ambiguous: aaaa2222, cccc3333"),
        ("aaaa1112", "did you mean 'aaaa1111'"),
        ("nowhere", "no such run"),
    ],
)
def test_a_run_is_not_found_by(runs: list[RunFolder], reference: str, line: str) -> None:
    with pytest.raises(RequestError, match=line.replace("?", r"\?")) as caught:
        RunFolder.find(reference)
    assert "\n" not in str(caught.value)


def test_no_runs_at_all(workspace: Path) -> None:
    for reference in ("last", "best", "x"):
        with pytest.raises(RequestError, match="there are no runs"):
            RunFolder.find(reference)


def test_best_needs_a_finished_run(workspace: Path) -> None:
    RunFolder.create()
    with pytest.raises(RequestError, match="best/val_loss"):
        RunFolder.find("best")


def test_without_a_recorded_time_the_folder_tells_its_age(workspace: Path) -> None:
    run = RunFolder.create()
    os.utime(run.path, (1000, 1000))
    assert run.created == 1000


def test_json_round_trips_nan_and_infinity(workspace: Path) -> None:
    run = RunFolder.create()
    run.write_json("result.json", {"a": float("inf"), "b": float("nan"), "c": "ä"})
    result = run.result()
    assert result is not None
    assert result["a"] == float("inf")
    assert result["b"] != result["b"]
    assert result["c"] == "ä"


def test_a_run_that_is_not_done_has_no_result(workspace: Path) -> None:
    assert RunFolder.create().result() is None


def test_damaged_files_are_named(workspace: Path) -> None:
    run = RunFolder.create()
    (run.path / "result.json").write_text('{"state": "comp')
    (run.path / "config.yaml").write_text("a: [1,")
    with pytest.raises(WorkError, match="result.json: is damaged"):
        run.result()
    with pytest.raises(WorkError, match="config.yaml: is damaged") as caught:
        run.config()
    assert "\n" not in str(caught.value)
    with pytest.raises(RequestError, match="has no environment.json"):
        run.read_json("environment.json")


def test_a_stored_configuration_is_never_executed(workspace: Path) -> None:
    run = RunFolder.create()
    (run.path / "config.yaml").write_text("a: !!python/object/apply:os.system ['touch executed']\n")
    with pytest.raises(WorkError):
        run.config()
    assert not (workspace / "executed").exists()


HOLDER = """
import sys, time
from pathlib import Path
from rnnlab.tracking.folder import RunFolder
with RunFolder(Path(sys.argv[1])).lock():
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_lock_names_its_holder_and_dies_with_it(workspace: Path) -> None:
    run = RunFolder.create()
    checkout = str(Path(__file__).parents[2])
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(run.path)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": checkout},
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert run.is_locked()
        with pytest.raises(RequestError, match=f"is being written by process {holder.pid} on "), run.lock():
            pass
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert not run.is_locked()
    with run.lock():
        assert str(os.getpid()) in (run.path / "lock").read_text()


CREATOR = """
from rnnlab.tracking.folder import RunFolder
print(*[RunFolder.create().id for _ in range(50)])
"""


def test_processes_that_start_at_once_in_a_fresh_folder_get_folders_of_their_own(workspace: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    creators = [
        subprocess.Popen([sys.executable, "-c", CREATOR], stdout=subprocess.PIPE, text=True, env=environment)
        for _ in range(2)
    ]
    ids = [id for creator in creators for id in creator.communicate()[0].split()]
    assert len(ids) == len(set(ids)) == 100
    assert {run.id for run in list_runs()} == set(ids)


def test_what_is_written_is_readable_json_at_every_moment(workspace: Path) -> None:
    """A reader that looks all the time sees whole versions only."""
    run = RunFolder.create()
    run.write_json("state.json", {"version": 0})
    code = (
        "import sys; from pathlib import Path; from rnnlab.tracking.folder import RunFolder\n"
        "run = RunFolder(Path(sys.argv[1]))\n"
        "for n in range(200): run.write_json('state.json', {'version': n, 'filling': 'x' * 20000})"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    with subprocess.Popen([sys.executable, "-c", code, str(run.path)], env=environment) as writer:
        while writer.poll() is None:
            json.loads((run.path / "state.json").read_text())
            time.sleep(0.001)
        assert writer.returncode == 0
    assert run.read_json("state.json")["version"] == 199
