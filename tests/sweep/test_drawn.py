"""Whole sweeps of drawn trials, with a stand-in for training: made longer, disturbed, conditional, refused."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from rnnlab.bench.scheduler import InMemory
from rnnlab.errors import RequestError
from rnnlab.sweep.driver import SweepResult, sweep
from rnnlab.sweep.folder import find_sweep
from rnnlab.sweep.plan import Place, complete, draft
from rnnlab.sweep.scheduler import Scheduler
from rnnlab.sweep.standing import Policy
from rnnlab.sweep.states import End, State
from rnnlab.sweep.summary import as_csv, as_dicts, commands, summarize
from rnnlab.sweep.trial import Run, make_run
from rnnlab.sweep.watching import LineWatcher
from rnnlab.sweep.work import Assignment, Outcome, Reporter, Work
from rnnlab.tracking.folder import RunFolder

Make = Callable[..., Work]
BASE = ["data=hello", "bptt.window=4", "tracking.store=none"]
LR = "optimizer.lr=tag(log,interval(1e-4,3e-2))"
SEARCH = [*BASE, LR, "cell=elman,lstm", "seed=0,1"]
DRAWN = ["random", "qmc"]


def inline(arguments: list[str], work: Work) -> SweepResult:
    return sweep([*arguments, "sweep.workers.inline=true"], seen_by=LineWatcher(lambda line: None), work=work)


def starts(workspace: Path) -> list[str]:
    file = workspace / "starts.txt"
    return file.read_text().split() if file.exists() else []


@pytest.mark.parametrize("sampler", DRAWN)
def test_a_longer_search_runs_only_what_is_new(sampler: str, make_work: Make, workspace: Path) -> None:
    search = [*SEARCH, f"sweep.sampler={sampler}"]
    few = inline([*search, "sweep.n_trials=2"], make_work())
    more = inline([*search, "sweep.n_trials=4"], make_work())
    assert (few.runs, more.runs, few.sweep_id) == (4, 8, more.sweep_id)
    assert len(starts(workspace)) == len(set(starts(workspace))) == 8
    assert all(row in more.table for row in few.table)
    with pytest.raises(RequestError, match="sweep.n_trials = 3: .* has ended 4 trials already"):
        inline([*search, "sweep.n_trials=3"], make_work())


def test_the_sampler_and_its_seed_name_the_sweep(workspace: Path) -> None:
    def name(*settings: str) -> str:
        return draft([*BASE, LR, *settings], Place()).id

    drawn = [(f"sweep.sampler={sampler}", f"sweep.seed={seed}") for sampler in DRAWN for seed in (0, 1)]
    assert len({name(*settings, "sweep.n_trials=1") for settings in drawn}) == 4
    assert name(*drawn[0], "sweep.n_trials=1") == name(*drawn[0], "sweep.n_trials=9")


@pytest.mark.parametrize("sampler", DRAWN)
def test_the_printed_command_says_the_numbers_of_the_table(sampler: str, make_work: Make) -> None:
    result = inline([*SEARCH, f"sweep.sampler={sampler}", "sweep.n_trials=3"], make_work())
    best = result.table[0]
    assert result.command is not None
    assert f"optimizer.lr={best['optimizer.lr']} cell={best['cell']} seed=0" in result.command
    overrides = result.command.split()[2:]
    assert Place().compose(overrides).experiment.optimizer.lr == float(best["optimizer.lr"])


@pytest.mark.parametrize("sampler", DRAWN)
def test_the_table_is_the_same_after_any_interruptions(sampler: str, make_work: Make, workspace: Path) -> None:
    search = [*SEARCH, f"sweep.sampler={sampler}", "sweep.n_trials=3"]

    def falters(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> bool:
        if len(starts(workspace)) % 3 == 0:
            (find_sweep("last").path / "stop").touch()
        return reporter.heartbeat(1) == "continue"

    result = inline(search, make_work(falters))
    assert result.state == "interrupted"
    while result.state == "interrupted":
        result = inline(search, make_work(falters))
    table = (find_sweep("last").path / "table.csv").read_bytes()
    for folder in (workspace / "runs").iterdir():
        (folder / "result.json").unlink(missing_ok=True)
    assert inline(search, make_work()).table == result.table
    assert (find_sweep("last").path / "table.csv").read_bytes() == table


@pytest.mark.parametrize("sampler", DRAWN)
def test_what_ends_first_decides_nothing(sampler: str, workspace: Path) -> None:
    plan = complete(draft([*SEARCH, f"sweep.sampler={sampler}", "sweep.n_trials=6"], Place()))
    made = partial(make_run, plan.draft.id)
    tables = []
    for order in range(5):
        chance, trials = random.Random(order), InMemory(list(plan.trials))
        scheduler = Scheduler(trials, Policy(seeds=(0, 1)), made, expected=6)
        running: dict[int, Run] = {}
        outcomes: dict[str, Outcome] = {}
        while not scheduler.done:
            for slot in {0, 1, 2} - set(running):
                if (run := scheduler.next_run(slot)) is not None:
                    running[slot] = run
            run = running.pop(chance.choice(sorted(running)))
            value = int(run.id, 16) / 16**8
            scheduler.finished(run, End(State.complete, (value,)))
            outcomes[run.id] = Outcome(State.complete, {"best/val_loss": value}, 1.0)
        runs = {trial.number: [made(trial, seed) for seed in (0, 1)] for trial in plan.trials}
        rows = summarize(runs, outcomes, plan.draft.config.objectives)
        tables.append(as_csv(as_dicts(rows, "best/val_loss"), commands(rows, (0, 1))))
    assert len(set(tables)) == 1


def test_what_belongs_to_a_cell_is_searched_only_with_it(make_work: Make) -> None:
    result = inline([*BASE, "cell=elman,lstm", "cell.forget_bias=0,1"], make_work())
    assert result.state == "complete"
    found = {(row["cell"], row["cell.forget_bias"]) for row in result.table}
    assert found == {("elman", None), ("lstm", "0"), ("lstm", "1")}
    drawn = [*BASE, "cell=irnn,lstm", "cell.forget_bias=interval(0,2)", "sweep.sampler=random", "sweep.n_trials=5"]
    table = inline(drawn, make_work()).table
    assert {(row["cell"], row["cell.forget_bias"] is None) for row in table} == {("irnn", True), ("lstm", False)}


@pytest.mark.parametrize("written", ["interval(8,64)", "int(interval(8,64))"])
def test_a_setting_that_is_a_whole_number_gets_whole_numbers(written: str, workspace: Path) -> None:
    arguments = [*BASE, f"cell.hidden_size=tag(log,{written})", "sweep.sampler=qmc", "sweep.n_trials=4"]
    plan = complete(draft(arguments, Place()))
    sizes = [each.experiment.cell.hidden_size for each in plan.candidates]
    assert [int(trial.varied["cell.hidden_size"]) for trial in plan.trials] == sizes
    assert plan.draft.space.dimensions["cell.hidden_size"].listed == ("tag(log,int(interval(8,64)))",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([LR, "sweep.sampler=grid"], "sweep.sampler=random, qmc or tpe"),
        ([LR], "sweep.n_trials"),
        (["optimizer.lr=interval(0,1)", "sweep.n_trials=2"], "(at the corner optimizer.lr=0"),
        (["cell=elman,lstm", "cell.forget_bia=interval(0,1)", "sweep.n_trials=2"], "did you mean 'cell.forget_bias'"),
        (["cell.hidden_size=interval(1.5,8)", "sweep.n_trials=2"], "whole number"),
        (["bptt.window=interval(4,5000)", "sweep.n_trials=1"], "window"),
        (["sweep.seed=-1"], "sweep.seed = -1"),
    ],
)
def test_an_impossible_search_creates_nothing(
    arguments: list[str], said: str, make_work: Make, workspace: Path
) -> None:
    with pytest.raises(RequestError) as error:
        inline([*BASE, "sweep.sampler=random", *arguments], make_work())
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert not (workspace / "runs").exists()
