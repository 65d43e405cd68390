"""Real processes: runs side by side, answers that reach them, workers and drivers that die."""

from __future__ import annotations

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from rnnlab.errors import WorkError
from rnnlab.sweep.base import Workers
from rnnlab.sweep.claims import Claims
from rnnlab.sweep.pools import Ended
from rnnlab.sweep.processes import ProcessPool, Share, death
from rnnlab.sweep.slots import Machine, shares
from rnnlab.sweep.states import State
from rnnlab.sweep.work import Assignment, Reporter, Work
from rnnlab.sweep.workers import setup_here
from rnnlab.tracking.folder import RunFolder

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 60.0
"""Seconds after which a test gives up on something that should have happened long before."""


class Recorder:
    """A listener that answers what it was told to answer, and remembers what it heard."""

    def __init__(self, answer: str = "continue", to_reports: str | None = None) -> None:
        self.answer, self.to_reports = answer, to_reports
        self.reports: list[tuple[str, int, float]] = []

    def heartbeat(self, run_id: str) -> str:
        return self.answer

    def report(self, run_id: str, place: int, value: float) -> str:
        self.reports.append((run_id, place, value))
        return self.to_reports or self.answer


def assignment(run_id: str, title: str = "") -> Assignment:
    return Assignment(run_id, title, (), {}, "", "", "best/val_loss")


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)


def run_all(pool: ProcessPool, runs: Sequence[Assignment], listener: Recorder | None = None) -> dict[str, Ended]:
    """Hand out these runs in turn, and collect how each one ended."""
    listener, waiting, ended = listener or Recorder(), list(runs), {}

    def all_ended() -> bool:
        for slot in pool.idle():
            if waiting:
                pool.start(slot, waiting.pop(0))
        ended.update({end.run_id: end for end in pool.wait(0.5, listener)})
        return len(ended) == len(runs)

    until(all_ended)
    return ended


def finish(folder: RunFolder) -> None:
    result = {"run_id": folder.id, "state": "complete", "metrics": {}, "seconds": 1.0, "message": ""}
    folder.write_json("result.json", result)


@pytest.fixture
def open_pool(workspace: Path) -> Iterator[Callable[..., ProcessPool]]:
    """``open_pool(work, slots)``: a pool whose claims no other test sees."""
    with ExitStack() as stack:

        def make(work: Work, slots: int = 1, each: Sequence[Share] | None = None) -> ProcessPool:
            each = each or [Share(setup_here(0, ()))] * slots
            pool = ProcessPool(each, work, Claims(workspace / "slots.lock"))
            stack.callback(pool.close)
            return pool

        yield make


OpenPool = Callable[..., ProcessPool]


def test_runs_are_trained_side_by_side_also_on_more_slots_than_cores(open_pool: OpenPool, workspace: Path) -> None:
    slots = len(os.sched_getaffinity(0)) + 1

    def meets_all_others(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        (workspace / f"{folder.id}.here").touch()
        while len(list(workspace.glob("*.here"))) < slots:
            time.sleep(0.01)
        finish(folder)

    machine = Machine(len(os.sched_getaffinity(0)), (), 64.0)
    pool = open_pool(meets_all_others, each=shares(Workers(count=slots), machine, setup_here(0, ())))
    ended = run_all(pool, [assignment(f"{i:08x}") for i in range(slots)])
    assert [end.outcome.state for end in ended.values() if end.outcome] == [State.complete] * slots


def test_reports_arrive_and_the_answer_to_them_ends_the_run(open_pool: OpenPool) -> None:
    def reports(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        reporter.report(0.5, {"best/val_loss": 1.25})
        while (answer := reporter.heartbeat(1)) == "continue":
            time.sleep(0.01)
        (folder.path / "answer").write_text(answer)
        finish(folder)

    listener = Recorder(to_reports="prune")
    run_all(open_pool(reports), [assignment("0000000a")], listener)
    assert listener.reports == [("0000000a", 10, 1.25)]
    assert Path("runs/0000000a/answer").read_text() == "prune"


def test_stop_reaches_a_run_and_not_the_next_one(open_pool: OpenPool) -> None:
    def waits_for_stop(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        if assignment.title == "short":
            assert reporter.heartbeat(1) == "continue"
            return finish(folder)
        while reporter.heartbeat(1) == "continue":
            time.sleep(0.01)

    pool = open_pool(waits_for_stop)
    ended = run_all(pool, [assignment("0000000a")], Recorder("stop"))
    assert ended["0000000a"].outcome is not None
    assert ended["0000000a"].outcome.state is State.interrupted
    again = run_all(pool, [assignment("0000000b", "short")])
    assert again["0000000b"].outcome is not None
    assert again["0000000b"].outcome.state is State.complete


def test_a_run_that_raises_leaves_its_process_warm(open_pool: OpenPool) -> None:
    def raises(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        raise ValueError(f"process {os.getpid()}")

    ended = run_all(open_pool(raises), [assignment("0000000a"), assignment("0000000b")])
    messages = {end.outcome.message for end in ended.values() if end.outcome}
    assert len(messages) == 1 and messages.pop().startswith("ValueError: process ")


def dies(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
    if assignment.title == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if assignment.title == "segfault":
        ctypes.string_at(0)
    if assignment.title == "exit":
        os._exit(3)
    finish(folder)


def test_a_process_that_dies_takes_only_its_own_run_with_it(open_pool: OpenPool) -> None:
    titles = ["killed", "fine", "segfault", "exit", "fine", "fine"]
    runs = [assignment(f"{i:08x}", title) for i, title in enumerate(titles)]
    ended = run_all(open_pool(dies, 2), runs)
    reasons = [ended[run.run_id].reason for run in runs]
    crash = Path("runs/00000002/crash.txt").resolve()
    assert reasons == [
        "killed by SIGKILL",
        "",
        f"killed by SIGSEGV (segmentation fault); see {crash}",
        "exit code 3",
        "",
        "",
    ]
    assert "in dies" in crash.read_text()
    assert list(Path("runs").glob("*/crash.txt")) == [Path("runs/00000002/crash.txt")]


@pytest.mark.parametrize(
    ("exit_code", "said"),
    [(0, "exit code 0"), (-6, "killed by SIGABRT (aborted)"), (-40, "killed by signal 40"), (None, "its process")],
)
def test_what_a_process_died_of_is_said_in_words(exit_code: int | None, said: str) -> None:
    assert death(exit_code).startswith(said)


def test_workers_that_cannot_start_are_no_endless_loop(open_pool: OpenPool, workspace: Path) -> None:
    (workspace / "broken_module.py").write_text("import os; os._exit(9)")
    setup = setup_here(0, ())
    broken = type(setup)(setup.directory, (*setup.path, str(workspace)), setup.environment, ("broken_module",))
    pool = open_pool(dies, each=[Share(broken)])
    with pytest.raises(WorkError, match="workers cannot be started: "):
        run_all(pool, [assignment("0000000a")])


def test_what_workers_see_is_what_the_driver_sees_when_the_pool_is_opened(
    open_pool: OpenPool, workspace: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def looks_around(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        print("a line on standard output", flush=True)
        seen = {key: value for key, value in os.environ.items() if key.startswith(("RNNLAB_", "MLFLOW_", "CUDA_V"))}
        folder.write_json("seen.json", [seen, os.getcwd(), sorted(os.sched_getaffinity(0))])
        finish(folder)

    def seen_by(run_id: str) -> list[object]:
        cores = [Share(setup_here(0, ()), cores=1)]
        run_all(open_pool(looks_around, each=cores), [assignment(run_id)])
        return json.loads((workspace / f"runs/{run_id}/seen.json").read_text())

    monkeypatch.setenv("RNNLAB_STALE", "1")
    seen_by("0000000a")
    monkeypatch.delenv("RNNLAB_STALE")
    monkeypatch.setenv("MLFLOW_NEW", "2")
    (workspace / "elsewhere").mkdir()
    monkeypatch.chdir(workspace / "elsewhere")
    environment, directory, cores = seen_by("0000000b")
    here = {key: value for key, value in os.environ.items() if key.startswith(("RNNLAB_", "MLFLOW_"))}
    assert environment == here | {"CUDA_VISIBLE_DEVICES": ""}
    assert directory == str(workspace / "elsewhere")
    assert cores == [min(os.sched_getaffinity(0))]
    assert capfd.readouterr().out == ""


def test_a_fork_server_that_is_killed_takes_no_run_with_it(open_pool: OpenPool, workspace: Path) -> None:
    def kills_its_parent(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        if assignment.title == "kills":
            os.kill(os.getppid(), signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        finish(folder)

    pool = open_pool(kills_its_parent, 2)
    ended = run_all(pool, [assignment("0000000a", "kills"), assignment("0000000b"), assignment("0000000c")])
    assert ended["0000000a"].outcome is None
    assert [run for run, end in ended.items() if end.outcome] == ["0000000b", "0000000c"]


def test_a_run_waits_for_cores_that_another_sweep_has(open_pool: OpenPool, workspace: Path) -> None:
    def holds_on(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        while assignment.title == "first" and not (workspace / "go_on").exists():
            time.sleep(0.01)
        finish(folder)

    all_cores = [Share(setup_here(0, ()), cores=len(os.sched_getaffinity(0)))]
    first, second = open_pool(holds_on, each=all_cores), open_pool(holds_on, each=all_cores)
    for pool in (first, second):
        until(lambda pool=pool: bool(pool.wait(0.1, Recorder())) or bool(pool.idle()))  # type: ignore[misc]
    first.start(0, assignment("0000000a", "first"))
    second.start(0, assignment("0000000b"))
    assert (first.waiting_for_others, second.waiting_for_others) == (False, True)
    (stopped,) = second.wait(0.1, Recorder("stop"))
    assert stopped.outcome is not None and stopped.outcome.state is State.interrupted
    second.start(0, assignment("0000000c"))
    assert second.wait(0.1, Recorder()) == [] and second.waiting_for_others
    (workspace / "go_on").touch()
    until(lambda: bool(first.wait(0.5, Recorder())))
    until(lambda: bool(second.wait(0.5, Recorder())))
    assert not second.waiting_for_others
    assert (workspace / "runs/0000000c/result.json").exists()


def test_closing_ends_what_runs(open_pool: OpenPool, workspace: Path) -> None:
    def never_ends(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        (workspace / "pid").write_text(str(os.getpid()))
        while True:
            time.sleep(1)

    pool = open_pool(never_ends)
    until(lambda: bool(pool.wait(0.1, Recorder())) or bool(pool.idle()))
    pool.start(0, assignment("0000000a"))
    until(lambda: (workspace / "pid").exists() and bool((workspace / "pid").read_text()))
    pool.close()
    until(lambda: not is_running(int((workspace / "pid").read_text())))


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


UNGUARDED = """
import os, sys, time
from pathlib import Path
from rnnlab.sweep.claims import Claims
from rnnlab.sweep.pools import Ended
from rnnlab.sweep.processes import ProcessPool, Share
from rnnlab.sweep.work import Assignment
from rnnlab.sweep.workers import setup_here

with open("times_run.txt", "a") as file:
    file.write("once\\n")

class Continue:
    def heartbeat(self, run_id): return "continue"
    def report(self, run_id, place, value): return "continue"

def work(assignment, folder, reporter):
    Path(f"{folder.id}.pid").write_text(f"{os.getpid()} {os.getppid()} .")
    while assignment.title and not Path("go_on").exists():
        time.sleep(0.01)
    folder.write_json("result.json", {"state": "complete", "metrics": {}, "seconds": 1.0, "message": ""})

pool = ProcessPool([Share(setup_here(0, ()))] * 2, work, Claims(Path("slots.lock")))
waiting, ended = ["0000000a", "0000000b"], 0
while ended < 2:
    for slot in pool.idle():
        if waiting:
            pool.start(slot, Assignment(waiting.pop(), sys.argv[1], (), {}, "", "", ""))
    try:
        ended += len(pool.wait(0.5, Continue()))
    except KeyboardInterrupt:
        Path("go_on").touch()
"""


@pytest.fixture
def start_script(workspace: Path) -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts the script above in a process group of its own, as a terminal does."""
    (workspace / "script.py").write_text(UNGUARDED)
    with ExitStack() as stack:

        def start(title: str) -> subprocess.Popen[bytes]:
            environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
            command = [sys.executable, "script.py", title]
            script = subprocess.Popen(command, cwd=workspace, env=environment, process_group=0)
            stack.callback(script.wait)
            stack.callback(script.kill)
            return script

        yield start


def pids(workspace: Path) -> list[int]:
    """Of both workers and of the fork server, once both runs have begun."""
    words = " ".join(file.read_text() for file in workspace.glob("*.pid")).split()
    return [int(word) for word in words if word != "."] if words.count(".") == 2 else []


StartScript = Callable[[str], "subprocess.Popen[bytes]"]


def test_a_script_without_a_guard_is_not_run_again_in_the_workers(start_script: StartScript, workspace: Path) -> None:
    assert start_script("").wait(PATIENCE) == 0
    assert (workspace / "times_run.txt").read_text() == "once\n"
    assert not any(is_running(pid) for pid in pids(workspace))


def test_when_the_driver_is_killed_all_its_processes_end(start_script: StartScript, workspace: Path) -> None:
    script = start_script("wait")
    until(lambda: bool(pids(workspace)))
    script.kill()
    until(lambda: not any(is_running(pid) for pid in pids(workspace)))


def test_without_driver_and_fork_server_workers_end_too(start_script: StartScript, workspace: Path) -> None:
    script = start_script("wait")
    until(lambda: bool(pids(workspace)))
    script.send_signal(signal.SIGSTOP)
    os.kill(pids(workspace)[1], signal.SIGKILL)
    script.kill()
    until(lambda: not any(is_running(pid) for pid in pids(workspace)))


def test_ctrl_c_on_a_terminal_does_not_reach_workers(start_script: StartScript, workspace: Path) -> None:
    script = start_script("wait")
    until(lambda: bool(pids(workspace)))
    os.killpg(script.pid, signal.SIGINT)
    assert script.wait(PATIENCE) == 0
    assert len(list(workspace.glob("runs/*/result.json"))) == 2
