"""From a run's log to a store: no line lost, none doubled, whatever is away or killed in between."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.tracking.base import Point, StoreRefused
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import RunLog
from rnnlab.tracking.memory import MemoryStore
from rnnlab.tracking.sender import Backoff, Sender
from rnnlab.tracking.tail import Tail


@pytest.fixture
def folder(tmp_path: Path) -> RunFolder:
    return RunFolder.create(root=tmp_path)


def write(folder: RunFolder, steps: range, parent: str | None = None, finish: bool = False) -> None:
    with RunLog(folder) as log:
        log.start("name", "rnnlab", {"cell": "lstm"}, {"seed": 0}, parent)
        for step in steps:
            log.metrics({"loss": step / 3, "accuracy": step / 7}, step)
        if finish:
            log.finish("FINISHED")


def holds_exactly(store: MemoryStore, folder: RunFolder, steps: range) -> bool:
    run = store.runs[folder.id]
    return run.history("loss") == [(s, s / 3) for s in steps] and len(run.points) == 2 * len(steps)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.01)


def drain(folder: RunFolder, store: MemoryStore) -> None:
    tail = Tail(folder)
    while tail.deliver(store):
        pass


def test_everything_arrives_once(folder: RunFolder) -> None:
    store = MemoryStore()
    write(folder, range(500))
    (folder.path / "notes.txt").write_text("hello")
    with RunLog(folder) as log:
        log.tags({"state": "complete"})
        log.file("notes.txt", "kept")
        log.finish("FINISHED")
    assert Sender(lambda: store, [folder]).close(20) == 0
    run = store.runs[folder.id]
    assert holds_exactly(store, folder, range(500))
    assert run.params == {"cell": "lstm"}
    assert run.tags == {"seed": "0", "state": "complete"}
    assert run.files == {"kept/notes.txt": b"hello"}
    assert run.status == "FINISHED"
    assert run.ended is not None
    assert run.ended >= run.started


def test_lines_written_later_follow_by_themselves(folder: RunFolder) -> None:
    store = MemoryStore()
    sender = Sender(lambda: store)
    sender.add(folder)
    sender.add(folder)
    write(folder, range(3))
    until(lambda: folder.id in store.runs and holds_exactly(store, folder, range(3)))
    write(folder, range(3, 6))
    assert sender.close(20) == 0
    assert holds_exactly(store, folder, range(6))


def test_a_store_that_is_away_at_the_start_and_again_later(folder: RunFolder) -> None:
    store = MemoryStore(away=True)
    sender = Sender(lambda: store, [folder])
    write(folder, range(20))
    until(lambda: store.calls >= 2)
    assert sender.trouble == "the store in memory is away"
    assert sender.pending() == 21
    store.away = False
    until(lambda: sender.pending() == 0)
    store.away = True
    write(folder, range(20, 40))
    calls = store.calls
    until(lambda: store.calls > calls)
    store.away = False
    assert sender.close(20) == 0
    assert holds_exactly(store, folder, range(40))
    assert sender.trouble is None


def test_what_could_not_be_delivered_waits_for_the_next_sender(folder: RunFolder) -> None:
    store = MemoryStore(away=True)
    write(folder, range(5), finish=True)
    assert Sender(lambda: store, [folder]).close(0.1) == 7
    store.away = False
    assert Sender(lambda: store, [folder]).close(20) == 0
    assert holds_exactly(store, folder, range(5))


@pytest.mark.parametrize("lost", [True, False])
def test_a_kill_between_delivery_and_cursor_doubles_nothing(folder: RunFolder, lost: bool) -> None:
    """The cursor of before the delivery, or none at all, is what such a kill leaves."""
    store = MemoryStore()
    cursor = folder.path / "sent.json"
    write(folder, range(5))
    drain(folder, store)
    before = cursor.read_bytes()
    write(folder, range(5, 9), finish=True)
    drain(folder, store)
    if lost:
        cursor.unlink()
    else:
        cursor.write_bytes(before)
    drain(folder, store)
    assert len(store.runs) == 1
    assert holds_exactly(store, folder, range(9))
    assert store.runs[folder.id].status == "FINISHED"


def test_a_resumed_run_is_running_until_it_finishes_anew(folder: RunFolder) -> None:
    store = MemoryStore()
    write(folder, range(3), finish=True)
    drain(folder, store)
    first = store.runs[folder.id].ended
    write(folder, range(5))
    drain(folder, store)
    assert store.runs[folder.id].status == "RUNNING"
    write(folder, range(5), finish=True)
    drain(folder, store)
    run = store.runs[folder.id]
    assert run.status == "FINISHED"
    assert first is not None
    assert run.ended is not None
    assert run.ended >= first
    assert holds_exactly(store, folder, range(5))


def test_a_line_in_the_making_is_left_alone(folder: RunFolder) -> None:
    store = MemoryStore()
    write(folder, range(2))
    with open(folder.path / "points.jsonl", "ab") as file:
        file.write(b'{"kind":"metric","time":1,"st')
        file.flush()
        drain(folder, store)
        assert holds_exactly(store, folder, range(2))
        assert Tail(folder).pending() == 0
        file.write(b'ep":2,"values":{"loss":0.6666666666666666,"accuracy":0.0}}\n')
    drain(folder, store)
    assert holds_exactly(store, folder, range(3))


def test_a_child_waits_for_its_parent(tmp_path: Path) -> None:
    store = MemoryStore()
    child, parent, other = (RunFolder.create(id, root=tmp_path) for id in ("child", "parent", "other"))
    write(child, range(3), parent="parent", finish=True)
    write(other, range(3), finish=True)
    sender = Sender(lambda: store, [child, parent, other])
    until(lambda: "other" in store.runs and sender.trouble is not None)
    assert "parent parent is not in the store yet" in str(sender.trouble)
    assert "child" not in store.runs
    write(parent, range(1), finish=True)
    assert sender.close(20) == 0
    assert store.runs["child"].parent == "parent"
    assert holds_exactly(store, child, range(3))


def test_a_store_that_was_emptied_gets_everything_anew(folder: RunFolder) -> None:
    write(folder, range(4))
    drain(folder, MemoryStore())
    write(folder, range(4, 8), finish=True)
    store = MemoryStore()
    assert Sender(lambda: store, [folder]).close(20) == 0
    assert holds_exactly(store, folder, range(8))


def test_another_store_gets_everything_from_the_start(folder: RunFolder) -> None:
    write(folder, range(4))
    drain(folder, MemoryStore())
    other = MemoryStore()
    other.identity = "another one"
    drain(folder, other)
    assert holds_exactly(other, folder, range(4))


def test_one_damaged_log_does_not_hold_up_the_others(tmp_path: Path) -> None:
    store = MemoryStore()
    damaged, sound = (RunFolder.create(id, root=tmp_path) for id in ("damaged", "sound"))
    write(damaged, range(2))
    with open(damaged.path / "points.jsonl", "ab") as file:
        file.write(b"no json\n")
    write(sound, range(2))
    sender = Sender(lambda: store, [damaged, sound])
    assert sender.close(0.7) == 1
    assert holds_exactly(store, sound, range(2))
    assert holds_exactly(store, damaged, range(2))
    assert "is damaged" in str(sender.trouble)


def test_a_point_that_the_store_refuses_is_not_counted_as_delivered(folder: RunFolder) -> None:
    class Refusing(MemoryStore):
        def metrics(self, run: str, points: list[Point]) -> None:  # type: ignore[override]
            raise StoreRefused("not this one")

    write(folder, range(3))
    sender = Sender(Refusing, [folder])
    assert sender.close(0.2) == 3
    assert sender.trouble == "not this one"


def test_a_fault_in_a_store_is_raised_where_somebody_waits(folder: RunFolder) -> None:
    class Faulty(MemoryStore):
        def create_run(self, start: object) -> str:
            raise ZeroDivisionError

    write(folder, range(1))
    sender = Sender(Faulty, [folder])
    with pytest.raises(ZeroDivisionError):
        sender.close(20)


def test_a_file_removed_before_its_delivery_is_said_and_skipped(
    folder: RunFolder, caplog: pytest.LogCaptureFixture
) -> None:
    store = MemoryStore()
    write(folder, range(1))
    (folder.path / "gone.txt").write_text("x")
    with RunLog(folder) as log:
        log.file("gone.txt")
        log.finish("FINISHED")
    (folder.path / "gone.txt").unlink()
    drain(folder, store)
    assert store.runs[folder.id].status == "FINISHED"
    assert "gone.txt was removed" in caplog.text


def test_a_folder_that_is_removed_is_no_trouble(folder: RunFolder) -> None:
    store = MemoryStore()
    sender = Sender(lambda: store, [folder])
    folder.path.rmdir()
    assert sender.close(20) == 0


def test_waits_double_up_to_five_seconds() -> None:
    backoff = Backoff()
    waits = []
    for _ in range(6):
        backoff.fail()
        waits.append(backoff.wait)
    assert waits == [0.5, 1, 2, 4, 5, 5]
    assert backoff.waiting
    backoff.succeed()
    assert not backoff.waiting
