"""A sweep that is killed ends as one that nobody disturbed; and what would be wrong is seen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.bench.faults import RUNS, compared, wrong
from rnnlab.bench.left_behind import LeftBehind, doubles, logged_points
from rnnlab.bench.sitting import COMMAND, holders
from rnnlab.tracking.folder import RunFolder

WEIGHTS = {f"{n:x}": "a" for n in range(RUNS)}
UNDISTURBED = LeftBehind(b"table", WEIGHTS, repeated=0, children=RUNS, missing=0, running=0)


def test_the_command_asks_for_as_many_runs_as_are_counted() -> None:
    from rnnlab.sweep.space import parse

    words = COMMAND[COMMAND.index("train") + 2 :]
    space = parse(words, lambda group: [])
    assert space.size * len(space.seeds) == RUNS


def test_a_sweep_that_is_as_it_should_be() -> None:
    assert wrong(compared(UNDISTURBED, UNDISTURBED)) == []


@pytest.mark.parametrize(
    ("found", "named"),
    [
        (LeftBehind(b"other", WEIGHTS, 0, RUNS, 0, 0), ["tables_equal"]),
        (LeftBehind(b"table", WEIGHTS, 1, RUNS, 0, 0), ["repeated"]),
        (LeftBehind(b"table", WEIGHTS, 0, RUNS - 1, 7, 0), ["mlflow_children", "mlflow_missing"]),
        (LeftBehind(b"table", WEIGHTS, 0, RUNS, 0, 1), ["mlflow_running"]),
        (LeftBehind(b"table", WEIGHTS | {"0": "b"}, 0, RUNS, 0, 0), ["weights_equal"]),
        (LeftBehind(b"table", dict(list(WEIGHTS.items())[1:]), 0, RUNS, 0, 0), ["complete", "lost", "weights_equal"]),
    ],
)
def test_what_is_wrong_is_named(found: LeftBehind, named: list[str]) -> None:
    assert wrong(compared(found, UNDISTURBED)) == named


def test_a_point_that_was_logged_twice_is_counted(tmp_path: Path) -> None:
    line = '{"kind":"metric","time":1,"step":5,"values":{"train/loss":1.0}}\n'
    (tmp_path / "points.jsonl").write_text(line + line, encoding="utf-8")
    assert doubles(logged_points(RunFolder(tmp_path))) == 1


def test_the_process_that_writes_a_run_is_found(tmp_path: Path) -> None:
    import os

    folder = RunFolder.create("abc", root=tmp_path / "runs")
    assert holders(tmp_path) == set()
    with folder.lock():
        assert holders(tmp_path) == {os.getpid()}
    assert holders(tmp_path) == set()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_sweep_killed_in_each_way(cli: Callable[..., Any]) -> None:
    answer = cli("bench", "faults", "--kills", "4", "--json")
    assert answer.exit_code == 0, answer.stdout + answer.stderr
    kinds = ("worker", "driver", "interrupt", "interrupt_twice")
    assert [answer.data[kind] for kind in kinds] == [1, 1, 1, 1]
    assert answer.data["complete"] == answer.data["runs"] == RUNS and answer.data["wrong"] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_sweep_on_a_cluster_killed_in_each_way(rnnlab_process: Callable[..., Any]) -> None:
    answer = rnnlab_process("bench", "faults", "--cluster", "--kills", "5", "--json", timeout=800)
    assert answer.exit_code == 0, answer.stdout + answer.stderr
    kinds = ("worker", "driver", "interrupt", "interrupt_twice", "node")
    assert [answer.data[kind] for kind in kinds] == [1, 1, 1, 1, 1]
    assert answer.data["complete"] == answer.data["runs"] == RUNS and answer.data["wrong"] == []
