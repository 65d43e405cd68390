"""From a run's log to TensorBoard's event files, read back with its own reader: none lost, none doubled."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config.compose import compose
from rnnlab.errors import RequestError, WorkError
from rnnlab.tracking import tensorboard
from rnnlab.tracking.entries import read_log
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import RunLog
from rnnlab.tracking.memory import MemoryStore
from rnnlab.tracking.sender import Sender
from rnnlab.tracking.tensorboard import EventFile
from rnnlab.train import Result, run
from tests.conftest import Answer

pytest.importorskip("tensorboard", reason="TensorBoard is not installed")

SMALL = [
    "data=text", "bptt.window=8", "cell.hidden_size=6", "embedding.size=4", "data.batch_size=2", "data.val_rows=1",
    "threads=1", "trainer.max_steps=20", "trainer.val_every=9", "trainer.checkpoint_every=7",
    "trainer.final=false", "tracking.tensorboard=true",
]  # fmt: skip
Scalars = list[tuple[str, int, float, float]]


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(root=tmp_path)


def write(folder: RunFolder, steps: range) -> None:
    with RunLog(folder) as log:
        log.start("name", "rnnlab", {}, {})
        for step in steps:
            log.metrics({"train/loss": step / 3, "train/deviation": step / 7}, step)
        log.finish("FINISHED")


def follow(folder: RunFolder) -> None:
    events = EventFile(folder)
    while events.transcribe():
        pass


def logged(folder: RunFolder) -> Scalars:
    """(key, step, seconds since 1970, value as float32) of all that the log holds."""
    return sorted(
        (key, entry["step"], entry["time"] / 1000, float(np.float32(value)))
        for entry in read_log(folder)
        if entry["kind"] == "metric"
        for key, value in entry["values"].items()
    )


def shown(folder: RunFolder) -> Scalars:
    """The same as TensorBoard reads it."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    accumulator = EventAccumulator(str(folder.path / "tensorboard"), size_guidance={"scalars": 0})
    accumulator.Reload()
    return sorted(
        (key, event.step, event.wall_time, event.value)
        for key in accumulator.Tags()["scalars"]
        for event in accumulator.Scalars(key)
    )


def test_it_shows_what_the_log_has(folder: RunFolder) -> None:
    write(folder, range(700))
    follow(folder)
    assert shown(folder) == logged(folder) and len(logged(folder)) == 1400
    whole = EventFile(folder).place.read_bytes()
    follow(folder)
    assert EventFile(folder).place.read_bytes() == whole


@settings(max_examples=25)
@given(cut=st.integers(0, 2000), more=st.integers(0, 12), kept=st.integers(0, 14))
def test_wherever_it_is_cut_it_is_completed(
    cut: int, more: int, kept: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A kill tears a record; a machine that goes down may keep less of the log than of the event file."""
    folder = RunFolder.create(root=tmp_path_factory.mktemp("runs"))
    write(folder, range(12))
    follow(folder)
    place = EventFile(folder).place
    os.truncate(place, min(cut, place.stat().st_size))
    lines = (folder.path / "points.jsonl").read_bytes().splitlines(keepends=True)
    (folder.path / "points.jsonl").write_bytes(b"".join(lines[: max(kept, 1)]))
    follow(folder)
    assert shown(folder) == logged(folder)
    write(folder, range(12 + more))
    follow(folder)
    assert shown(folder) == logged(folder) and len(logged(folder)) == 2 * (12 + more)


def test_a_run_begins_where_its_log_does(folder: RunFolder) -> None:
    """TensorBoard orders runs by the time of their first event."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    write(folder, range(3))
    follow(folder)
    accumulator = EventAccumulator(str(folder.path / "tensorboard"))
    accumulator.Reload()
    assert accumulator.FirstEventTimestamp() == next(read_log(folder))["time"] / 1000


def test_two_that_follow_one_log_double_nothing(folder: RunFolder) -> None:
    first, second = EventFile(folder), EventFile(folder)
    for stop in range(1, 9):
        write(folder, range(stop))
        (first if stop % 3 else second).transcribe()
        second.transcribe()
    first.transcribe()
    assert shown(folder) == logged(folder)


def test_a_line_in_the_making_waits(folder: RunFolder) -> None:
    write(folder, range(3))
    line = json.dumps({"kind": "metric", "time": 5000, "step": 9, "values": {"late": 0.25}})
    with open(folder.path / "points.jsonl", "a") as log:
        log.write(line[:20])
    events = EventFile(folder)
    while events.transcribe():
        pass
    assert events.behind and not events.pending()
    with open(folder.path / "points.jsonl", "a") as log:
        log.write(line[20:] + "\n")
    assert events.transcribe() and not events.behind
    assert ("late", 9, 5.0, 0.25) in shown(folder)


def test_a_damaged_line_is_named_and_what_came_before_it_is_there(folder: RunFolder) -> None:
    write(folder, range(3))
    before = logged(folder)
    with open(folder.path / "points.jsonl", "a") as log:
        log.write("nonsense\n")
    events = EventFile(folder)
    for _ in range(2):
        with pytest.raises(WorkError, match=r"points\.jsonl byte \d+: is damaged"):
            events.transcribe()
        assert shown(folder) == before


def test_a_store_that_is_away_holds_no_event_back(folder: RunFolder) -> None:
    store = MemoryStore(away=True)
    write(folder, range(5))
    sender = Sender(lambda: store, [folder], tensorboard=True)
    assert sender.close(0.5) == 7, "the store has got none of seven lines, the event file all"
    assert sender.trouble == "the store in memory is away"
    assert shown(folder) == logged(folder)
    store.away = False
    assert Sender(lambda: store, [folder], tensorboard=True).close(20) == 0
    assert len(store.runs[folder.id].points) == len(shown(folder)) == 10


@pytest.fixture
def start(workspace: Path) -> Callable[..., Result]:
    path = workspace / "notes.txt"
    path.write_text("".join(f"{n} green bottles, {n * n} walls; " for n in range(60))[:900])

    def train(*overrides: str, **settings: object) -> Result:
        words = [*SMALL, f"data.path={path}", *overrides]
        return run(compose(words).experiment, words, **settings)  # type: ignore[arg-type]

    return train


class StopAt:
    """A reporter that interrupts a run."""

    def __init__(self, step: int) -> None:
        self.step = step

    def heartbeat(self, step: int) -> str:
        return "stop" if step >= self.step else "continue"

    def report(self, share: float, figures: dict[str, float]) -> str:
        return "continue"


@pytest.mark.parametrize("store", ["none", "mlflow"])
def test_a_resumed_run_doubles_nothing(store: str, start: Callable[..., Result]) -> None:
    first = start(f"tracking.store={store}", reporter=StopAt(11))
    folder = RunFolder.find(first.run_id)
    halfway = shown(folder)
    assert halfway == logged(folder)
    start(f"tracking.store={store}", folder=folder)
    after = shown(folder)
    assert after == logged(folder) and len(after) > len(halfway)
    assert len({(key, step) for key, step, _, _ in after}) == len(after)
    assert ("val/loss", 18) in {(key, step) for key, step, _, _ in after}


def test_it_is_no_part_of_what_a_run_is(start: Callable[..., Result]) -> None:
    with_it, without = start("tracking=none"), start("tracking=none", "tracking.tensorboard=false")
    assert with_it.weights_sha256 == without.weights_sha256
    assert not (RunFolder.find(without.run_id).path / "tensorboard").exists()


def test_without_the_package_nothing_is_made(
    cli: Callable[..., Answer], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(
        tensorboard.importlib.util, "find_spec", lambda name: None if name == "tensorboard" else find(name)
    )
    (workspace / "notes.txt").write_text("a b c d " * 100)
    answer = cli("train", *SMALL, "data.path=notes.txt", "tracking.store=none")
    assert answer.exit_code == 2 and answer.stderr.count("\n") == 1
    assert "pip install 'rnnlab[tensorboard]'" in answer.stderr
    assert not (workspace / "runs").exists()
    with pytest.raises(RequestError, match="not installed"):
        tensorboard.check_installed()
