"""Whole sweeps in this process, with a stand-in for training: what is run, continued, refused, written."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.errors import RequestError
from rnnlab.sweep.driver import SweepResult, sweep
from rnnlab.sweep.folder import ask_to_stop, find_sweep
from rnnlab.sweep.watching import LineWatcher
from rnnlab.sweep.work import Assignment, Reporter, Work
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.log import read_log

Make = Callable[..., Work]


def inline(arguments: list[str], work: Work, said: list[str] | None = None) -> SweepResult:
    say = (lambda line: None) if said is None else said.append
    return sweep([*arguments, "sweep.workers.inline=true"], seen_by=LineWatcher(say), work=work)


def lines(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


def test_a_grid_runs_every_combination_with_every_seed_once(make_work: Make, space: list[str], workspace: Path) -> None:
    said: list[str] = []
    result = inline(space, make_work(), said)
    assert (result.state, result.exit_code, result.runs) == ("complete", 0, 6)
    assert result.counts == {"complete": 6}
    assert len(set(lines(workspace / "ends.txt"))) == len(lines(workspace / "ends.txt")) == 6
    forecast, announcement, *ended = said
    assert forecast.startswith("forecast: 6 runs, about ")
    assert "3 trials x 2 seeds = 6 runs, 0 ended before, 6 to run on 1 slot" in announcement
    assert [line.split("]")[0].split(",")[0].strip("[") for line in ended] == [f"{i}/6" for i in range(1, 7)]


def test_the_table_is_sorted_and_the_best_has_a_command(make_work: Make, space: list[str]) -> None:
    result = inline(space, make_work())
    fixed = "data=hello bptt.window=4 tracking.store=none threads=1 device=cpu"
    means = [row["best/val_loss"] for row in result.table]
    assert means == sorted(means)
    assert all(row["low"] < row["best/val_loss"] < row["high"] for row in result.table)
    best = result.table[0]["cell"]
    assert result.command == f"rnnlab train {fixed} cell={best} seed=0"
    with open(Path(result.folder) / "table.csv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["best/val_loss"]) for row in rows] == means
    assert rows[0]["command"] == result.command


def test_the_same_command_again_runs_nothing_and_finds_the_same_table(
    make_work: Make, space: list[str], workspace: Path
) -> None:
    first = inline(space, make_work())
    assert inline(space, make_work()) == first
    reordered = inline(["cell=gru,lstm,elman", *space[:0:-1]], make_work())
    assert (reordered.sweep_id, reordered.table) == (first.sweep_id, first.table)
    assert len(lines(workspace / "starts.txt")) == 6


def test_more_seeds_run_only_what_is_new(make_work: Make, space: list[str], workspace: Path) -> None:
    inline(space, make_work())
    more = inline([*space, "seed=0,1,2"], make_work())
    assert more.runs == 9
    assert len(lines(workspace / "starts.txt")) == 9


def test_what_decides_nothing_does_not_make_another_sweep(make_work: Make, space: list[str]) -> None:
    names = {inline([*space, extra], make_work()).sweep_id for extra in ("threads=1", "trainer.final=false")}
    assert len(names) == 1
    assert inline([*space, "cell.hidden_size=7"], make_work()).sweep_id not in names


def test_new_starts_afresh(make_work: Make, space: list[str], workspace: Path) -> None:
    first = inline(space, make_work())
    fresh = inline([*space, "sweep.new=true"], make_work())
    assert fresh.sweep_id != first.sweep_id
    assert len(set(lines(workspace / "starts.txt"))) == 12


def test_n_trials_is_a_total_that_may_grow(make_work: Make, space: list[str], workspace: Path) -> None:
    few = inline([*space, "sweep.n_trials=2"], make_work())
    assert (few.runs, few.state) == (4, "complete")
    all_of_them = inline(space, make_work())
    assert all_of_them.sweep_id == few.sweep_id
    assert len(lines(workspace / "starts.txt")) == 6


def test_a_grid_made_longer_runs_only_what_is_new(make_work: Make, workspace: Path) -> None:
    base = ["data=hello", "bptt.window=4", "tracking.store=none", "seed=0,1"]

    def grid(cells: str, depths: str) -> SweepResult:
        return inline([*base, f"cell={cells}", f"stack.depth={depths}"], make_work())

    grown = [grid("lstm,gru", "1,3"), grid("lstm,gru", "3,2,1"), grid("gru,elman,lstm", "1,2,3")]
    assert {result.sweep_id for result in grown} == {grown[0].sweep_id}
    assert [len(result.table) for result in grown] == [4, 6, 9]
    assert len(lines(workspace / "starts.txt")) == len(set(lines(workspace / "starts.txt"))) == 18
    for fewer, more in zip(grown, grown[1:], strict=False):
        assert all(row in more.table for row in fewer.table)
    shorter = grid("lstm,gru", "1,2")
    assert (shorter.table, len(lines(workspace / "starts.txt"))) == (grown[2].table, 18), "what was found stays"


def test_without_its_journal_a_grid_still_knows_its_runs(make_work: Make, space: list[str], workspace: Path) -> None:
    undisturbed = inline(space, make_work())
    folder = find_sweep("last")
    runs = folder.read_json("sweep.json")["runs"]
    (folder.path / "study.journal").unlink()
    for run in (runs[0], runs[3]):  # both of the first trial
        (workspace / "runs" / run / "result.json").unlink()
    assert inline(space, make_work()).table == undisturbed.table
    assert len(lines(workspace / "starts.txt")) == 8
    entries = map(json.loads, (folder.path / "study.journal").read_text().splitlines())
    cells = [entry["user_attrs"]["varied"]["cell"] for entry in entries if "user_attrs" in entry]
    assert cells == ["elman", "lstm", "gru"]


def test_combinations_that_mean_the_same_are_one_trial(make_work: Make) -> None:
    arguments = ["cell=lstm", "data=hello", "bptt.window=4", "optimizer.lr=0.001,1e-3", "tracking.store=none"]
    assert inline(arguments, make_work()).runs == 1


def test_a_failed_run_is_kept_and_the_others_go_on(make_work: Make, space: list[str], workspace: Path) -> None:
    def fails(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        if assignment.title == "cell=lstm seed=1":
            raise ValueError("no luck")

    result = inline(space, make_work(fails))
    assert (result.state, result.exit_code) == ("failed", 1)
    assert result.counts == {"complete": 5, "failed": 1}
    assert next(row for row in result.table if row["cell"] == "lstm")["states"] == "1 complete, 1 failed"
    again = inline(space, make_work())
    assert again == result
    assert len(lines(workspace / "starts.txt")) == 6


def test_a_sweep_whose_first_runs_all_fail_alike_stops(make_work: Make, space: list[str], workspace: Path) -> None:
    def fails(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        raise ValueError("no luck")

    said: list[str] = []
    result = inline(space, make_work(fails), said)
    assert (result.state, result.exit_code, result.counts) == ("failed", 1, {"failed": 3})
    assert len(lines(workspace / "starts.txt")) == 3
    assert said[-1] == "the first runs all failed alike, so nothing more is started: ValueError: no luck"


def test_ctrl_c_once_ends_in_good_order_and_the_same_command_goes_on(
    make_work: Make, space: list[str], workspace: Path
) -> None:
    def interrupts(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> bool:
        if len(lines(workspace / "starts.txt")) == 3:
            signal.raise_signal(signal.SIGINT)
        return reporter.heartbeat(1) == "continue"

    result = inline(space, make_work(interrupts))
    assert (result.state, result.exit_code) == ("interrupted", 130)
    assert result.counts == {"complete": 2}
    log = list(read_log(find_sweep("last")))
    assert log[-1]["status"] == "KILLED"
    assert inline(space, make_work()).counts == {"complete": 6}
    assert sorted(set(lines(workspace / "ends.txt"))) == sorted(lines(workspace / "ends.txt"))
    assert list(read_log(find_sweep("last")))[-1]["status"] == "FINISHED"


def test_stop_asks_a_running_sweep_to_end(make_work: Make, space: list[str], workspace: Path) -> None:
    def asks(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> bool:
        if len(lines(workspace / "starts.txt")) == 2:
            ask_to_stop(find_sweep(assignment.parent[:4]))
        return reporter.heartbeat(1) == "continue"

    result = inline(space, make_work(asks))
    assert result.counts == {"complete": 1}
    with pytest.raises(RequestError, match="is not running"):
        ask_to_stop(find_sweep("last"))
    assert inline(space, make_work()).counts == {"complete": 6}


def test_a_second_driver_of_the_same_sweep_is_told(make_work: Make, space: list[str]) -> None:
    told: list[str] = []

    def starts_another(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        if not told:
            with pytest.raises(RequestError) as error:
                inline(space, make_work())
            told.append(str(error.value))

    assert inline(space, make_work(starts_another)).state == "complete"
    assert "is already run by process" in told[0]


def test_changed_code_is_noticed(make_work: Make, space: list[str]) -> None:
    inline(space, make_work())
    folder = find_sweep("last")
    folder.write_json("sweep.json", {**folder.read_json("sweep.json"), "code": ["of another time"]})
    with pytest.raises(RequestError, match="begun by other source code"):
        inline(space, make_work())
    assert inline([*space, "sweep.mixed=true"], make_work()).state == "complete"
    assert len(folder.read_json("sweep.json")["code"]) == 2


def test_a_metric_that_runs_do_not_have_is_named(make_work: Make, space: list[str]) -> None:
    with pytest.raises(RequestError, match="there are best/val_loss, .*did you mean 'best/val_loss'"):
        inline([*space, "sweep.metric=best/val_los"], make_work())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["cell=elman,lstmm"], "did you mean 'lstm'?"),
        (["cell=elman,lstm", "cell.hiden_size=3"], "cell.hidden_size"),
        (["cell=elman,lstm", "cell.hidden_size=3,0"], "cell.hidden_size = 0"),
        (["cell=elman,gru", "cell.nonlinearity=relu"], "in the combination cell=gru"),
        (["cell=elman,lstm", "optimizer.lr=interval(0.1,1)"], "finite list"),
        (["cell=elman,lstm", "data=text", "data.path=absent.txt"], "absent.txt"),
        (["cell=elman,lstm", "bptt.window=4,5000", "data=hello"], "window"),
        (["cell=elman,lstm", "sweep.n_trials=0"], "sweep.n_trials = 0"),
        (["cell=elman,lstm", "sweep.seeds=[1,1]"], "each seed"),
        (["cell=elman,lstm", "tracking.uri=ftp://x"], "tracking.uri"),
        (["cell=elman,lstm", "task=classification", "data=hello"], "task"),
    ],
)
def test_an_impossible_request_creates_nothing(
    arguments: list[str], said: str, make_work: Make, workspace: Path
) -> None:
    with pytest.raises(RequestError) as error:
        inline(arguments, make_work())
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert not (workspace / "runs").exists()


def test_a_gpu_that_no_slot_has_cannot_be_asked_for(make_work: Make, workspace: Path) -> None:
    with pytest.raises(RequestError, match="sweep.workers.gpus=1"):
        sweep(["cell=elman,lstm", "device=cuda"], seen_by=LineWatcher(lambda line: None), work=make_work())
    assert not (workspace / "runs").exists()


def test_the_sweeps_folder_says_what_was_asked(make_work: Make, space: list[str]) -> None:
    result = inline(space, make_work())
    asked = json.loads((Path(result.folder) / "sweep.json").read_text())
    assert asked["space"] == {"cell": ["elman", "lstm", "gru"]}
    assert asked["seeds"] == [0, 1]
    assert len(asked["runs"]) == 6


def test_a_sweep_is_known_by_its_id_and_a_run_by_its_own(make_work: Make, space: list[str]) -> None:
    from rnnlab.sweep.folder import find_run_or_sweep, is_sweep

    result = inline(space, make_work())
    (first, *_) = (path.name for path in Path(result.folder).parent.parent.iterdir() if path.name != "sweeps")
    for reference in (result.sweep_id, result.sweep_id[:6]):
        assert is_sweep(find_run_or_sweep(reference)) and find_run_or_sweep(reference).id == result.sweep_id
    for reference in (first, "last"):
        assert not is_sweep(find_run_or_sweep(reference))
    with pytest.raises(RequestError, match="no such run"):
        find_run_or_sweep("zz")
