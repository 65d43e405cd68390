"""The run's own log: what survives kills, full disks and repeats."""

from __future__ import annotations

import math
import os
import resource
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.errors import RequestError, WorkError
from rnnlab.tracking.entries import read_log, read_points
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import RunLog

CHECKOUT = str(Path(__file__).parents[2])


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(root=tmp_path)


def kinds(folder: RunFolder) -> list[str]:
    return [entry["kind"] for entry in read_log(folder)]


def write_some(folder: RunFolder, steps: int) -> None:
    with RunLog(folder) as log:
        log.start("name", "rnnlab", {"cell": "lstm", "seed": 1}, {"a": True}, parent="sweep")
        for step in range(steps):
            log.metrics({"train/loss": step / 7, "val/loss": -step}, step)


def test_lines_come_back_as_they_were_logged(folder: RunFolder) -> None:
    write_some(folder, 3)
    with RunLog(folder) as log:
        log.tags({"state": "complete"})
        log.finish("FINISHED")
    entries = list(read_log(folder))
    assert kinds(folder) == ["start", "metric", "metric", "metric", "tag", "finish"]
    assert entries[0]["params"] == {"cell": "lstm", "seed": "1"}
    assert entries[0]["parent"] == "sweep"
    assert entries[0]["run_id"] == folder.id
    assert read_points(folder, "train/loss") == ([0, 1, 2], [0, 1 / 7, 2 / 7])
    times = [entry["time"] for entry in entries]
    assert times == sorted(times)


@given(st.floats(), st.integers(0, 2**62))
def test_every_number_round_trips(value: float, step: int) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder.create(root=Path(root))
        with RunLog(folder) as log:
            log.metrics({"x": value}, step)
        ((back_step,), (back,)) = read_points(folder, "x")
    assert back_step == step
    assert back == value or (math.isnan(back) and math.isnan(value))


@settings(max_examples=60)
@given(st.data())
def test_any_cut_leaves_all_complete_lines_and_the_log_goes_on(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as root:
        folder = RunFolder.create(root=Path(root))
        write_some(folder, 5)
        path = folder.path / "points.jsonl"
        whole = path.read_bytes()
        kept = whole[: data.draw(st.integers(0, len(whole)))]
        path.write_bytes(kept)
        complete = kept[: kept.rfind(b"\n") + 1]
        with RunLog(folder) as log:
            assert path.read_bytes() == complete
            log.start("name", "rnnlab", {}, {})
            for step in range(7):
                log.metrics({"train/loss": step / 7, "val/loss": -step}, step)
        assert path.read_bytes().startswith(complete)
        for key in ("train/loss", "val/loss"):
            assert read_points(folder, key)[0] == list(range(7))
        assert kinds(folder).count("start") == 1


@pytest.mark.parametrize("damage", [b"\x00\x00\x00", b'{"kind": "met', b"[1, 2]", b"{}"])
def test_damage_before_the_last_line_is_named(folder: RunFolder, damage: bytes) -> None:
    write_some(folder, 2)
    path = folder.path / "points.jsonl"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([lines[0], damage, lines[2]]) + b"\n")
    with pytest.raises(WorkError, match=r"points.jsonl line 2: is damaged"):
        RunLog(folder).open()


def test_repeats_by_key_and_step_are_dropped(folder: RunFolder) -> None:
    write_some(folder, 3)
    with RunLog(folder) as log:
        log.metrics({"train/loss": 99.0, "new": 1.0}, 2)
        log.metrics({"train/loss": 99.0}, 2)
        log.metrics({"train/loss": 3 / 7}, 3)
        log.metrics({"train/loss": 99.0}, 3)
    assert read_points(folder, "train/loss") == ([0, 1, 2, 3], [0, 1 / 7, 2 / 7, 3 / 7])
    assert read_points(folder, "new") == ([2], [1.0])


def test_a_second_start_resumes_once_and_a_finished_run_finishes_anew(folder: RunFolder) -> None:
    for _ in range(2):
        with RunLog(folder) as log:
            log.start("name", "rnnlab", {}, {})
            log.start("name", "rnnlab", {}, {})
            log.finish("FINISHED")
            log.finish("FINISHED")
    assert kinds(folder) == ["start", "finish", "resume", "finish"]


def test_a_status_that_mlflow_does_not_know_is_refused(folder: RunFolder) -> None:
    with RunLog(folder) as log, pytest.raises(ValueError, match="PRUNED"):
        log.finish("PRUNED")


@pytest.mark.parametrize("key", ["", "a=b", "x" * 251, "a\nb"])
def test_a_name_that_mlflow_cannot_take_is_refused_at_once(folder: RunFolder, key: str) -> None:
    with RunLog(folder) as log, pytest.raises(RequestError):
        log.metrics({key: 1.0}, 0)
    assert not kinds(folder)


def test_tables_and_figures_are_files_of_the_run(folder: RunFolder) -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    figure.subplots().plot([1, 2, 3])
    with RunLog(folder) as log:
        log.table("gates/forget", {"step": [1, 2], "text": ['a,"b"', "c\nd"]})
        log.figure("loss", figure)
    assert (folder.path / "tables/gates/forget.csv").read_text() == 'step,text\n1,"a,""b"""\n2,"c\nd"\n'
    assert (folder.path / "figures/loss.png").read_bytes().startswith(b"\x89PNG")
    handed = [(entry["path"], entry["artifact_path"]) for entry in read_log(folder)]
    assert handed == [("tables/gates/forget.csv", "tables/gates"), ("figures/loss.png", "figures")]


def test_a_table_of_unequal_columns_is_refused(folder: RunFolder) -> None:
    with RunLog(folder) as log, pytest.raises(RequestError, match="differ in length"):
        log.table("t", {"a": [1], "b": [1, 2]})


def test_a_file_that_is_not_there_is_named(folder: RunFolder) -> None:
    with RunLog(folder) as log, pytest.raises(WorkError, match="has no file 'absent.txt'"):
        log.file("absent.txt")


WRITER = """
import sys
from pathlib import Path
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import RunLog
with RunLog(RunFolder(Path(sys.argv[1]))) as log:
    log.start("name", "rnnlab", {}, {})
    print("open", flush=True)
    step = 0
    while True:
        log.metrics({"loss": step / 3, "filling": 0.0}, step)
        step += 1
"""


def test_killed_while_writing_again_and_again(folder: RunFolder) -> None:
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(folder.path)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": CHECKOUT},
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "open\n"
            size = (folder.path / "points.jsonl").stat().st_size
            while (folder.path / "points.jsonl").stat().st_size < size + 20_000:
                pass
            writer.send_signal(signal.SIGKILL)
    steps, values = read_points(folder, "loss")
    assert steps == list(range(len(steps)))
    assert values == [step / 3 for step in steps]


def test_a_full_disk_leaves_whole_lines(folder: RunFolder) -> None:
    """A file size limit stands in for the disk's: the system cuts a write in its middle, then refuses."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with RunLog(folder) as log:
        log.metrics({"loss": 1.0}, 0)
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.path.stat().st_size + 20, before[1]))
        try:
            with pytest.raises(WorkError, match="points.jsonl: cannot be written: File too large"):
                log.metrics({"loss": 2.0}, 1)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        log.metrics({"loss": 2.0}, 1)
    assert read_points(folder, "loss") == ([0, 1], [1.0, 2.0])
