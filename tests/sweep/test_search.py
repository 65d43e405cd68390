"""Whole searches that learn, with a stand-in for training: made longer, interrupted, constrained."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from rnnlab.errors import RequestError
from rnnlab.sweep.base import Direction, Sampler, Sweep
from rnnlab.sweep.dimensions import Interval
from rnnlab.sweep.driver import SweepResult, sweep
from rnnlab.sweep.folder import find_sweep
from rnnlab.sweep.samplers import candidates
from rnnlab.sweep.space import Space
from rnnlab.sweep.states import State
from rnnlab.sweep.study import JOURNAL, Study, study_name
from rnnlab.sweep.watching import LineWatcher
from rnnlab.sweep.work import Assignment, Reporter, Work
from rnnlab.tracking.folder import RunFolder

BASE = ["data=hello", "bptt.window=4", "tracking.store=none"]
SEARCH = [
    *BASE,
    "optimizer.lr=tag(log,interval(1e-4,1e-1))",
    "cell.hidden_size=interval(4,16)",
    "cell=elman,lstm",
    "cell.forget_bias=interval(0,2)",
]
LEARN = [sampler.value for sampler in Sampler if sampler.learns]
Values = dict[str, str]


def loss(values: Values) -> float:
    """Least at a learning rate of 0.01 and without a bias."""
    return (math.log10(float(values["optimizer.lr"])) + 2) ** 2 + float(values.get("cell.forget_bias", 0.5))


def parameters(values: Values) -> float:
    return 10 * float(values["cell.hidden_size"])


def stand_in(workspace: Path, before: Callable[[Reporter], bool] = lambda reporter: True) -> Work:
    """Its figures are functions of what varies; ``before`` may end it without a result."""

    def work(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        with folder.lock():
            if not before(reporter):
                return
            with open(workspace / "ends.txt", "a", encoding="utf-8") as file:
                file.write(folder.id + "\n")
            metrics = {"best/val_loss": loss(assignment.params), "parameters": parameters(assignment.params)}
            result = {"run_id": folder.id, "state": "complete", "metrics": metrics, "seconds": 1.0, "message": ""}
            folder.write_json("result.json", result)

    return work


def inline(arguments: list[str], work: Work, said: list[str] | None = None) -> SweepResult:
    say = (lambda line: None) if said is None else said.append
    return sweep([*arguments, "sweep.workers.inline=true"], seen_by=LineWatcher(say), work=work)


def ends(workspace: Path) -> Counter[str]:
    return Counter((workspace / "ends.txt").read_text().split())


def trials() -> list[optuna.trial.FrozenTrial]:
    """Those of the last sweep, as Optuna reads them."""
    folder = find_sweep("last")
    backend = optuna.storages.journal.JournalFileBackend(str(folder.path / JOURNAL))
    return optuna.load_study(study_name=study_name(folder.id), storage=optuna.storages.JournalStorage(backend)).trials


@pytest.mark.parametrize("sampler", LEARN)
def test_a_longer_search_runs_only_what_is_new(sampler: str, workspace: Path) -> None:
    search = [*SEARCH, f"sweep.sampler={sampler}"]
    few = inline([*search, "sweep.n_trials=2"], stand_in(workspace))
    assert (few.runs, few.state, len(few.table)) == (2, "complete", 2)
    assert inline([*search, "sweep.n_trials=2"], stand_in(workspace)) == few
    more = inline([*search, "sweep.n_trials=4", "seed=0,1"], stand_in(workspace))
    assert (more.runs, more.sweep_id, len(more.table)) == (8, few.sweep_id, 4)
    assert len(ends(workspace)) == ends(workspace).total() == 8
    with pytest.raises(RequestError, match="sweep.n_trials = 3: .* has ended 4 trials already"):
        inline([*search, "sweep.n_trials=3", "seed=0,1"], stand_in(workspace))
    found = [trial for trial in trials() if trial.state.name == "COMPLETE"]
    assert sorted(trial.value for trial in found) == [row["best/val_loss"] for row in more.table]
    assert all((row["cell"] == "elman") == (row.get("cell.forget_bias") is None) for row in more.table)


@pytest.mark.parametrize("sampler", LEARN)
def test_an_interrupted_search_goes_on_and_repeats_nothing(sampler: str, workspace: Path) -> None:
    search = [*SEARCH, f"sweep.sampler={sampler}", "sweep.n_trials=4"]
    started: list[int] = []

    def falters(reporter: Reporter) -> bool:
        started.append(1)
        if len(started) % 2 == 0:
            (find_sweep("last").path / "stop").touch()
        return reporter.heartbeat(1) == "continue"

    sessions = [inline(search, stand_in(workspace, falters))]
    while sessions[-1].state == "interrupted":
        sessions.append(inline(search, stand_in(workspace, falters)))
        assert len(sessions) < 9
    assert [sessions[0].exit_code, sessions[-1].exit_code] == [130, 0]
    assert len(ends(workspace)) == ends(workspace).total() == len(sessions[-1].table) == 4
    assert all(row in sessions[-1].table for row in sessions[0].table if row["runs"])


@pytest.mark.parametrize("sampler", ["tpe", "nsga2", "random", "grid"])
def test_two_objectives_have_values_in_table_and_study(sampler: str, workspace: Path) -> None:
    space = SEARCH if sampler != "grid" else [*BASE, "optimizer.lr=0.1,0.01,0.001", "cell.hidden_size=4,8"]
    both = [*space, f"sweep.sampler={sampler}", "sweep.n_trials=3", "sweep.more_metrics=[parameters]", "seed=0,1"]
    result = inline(both, stand_in(workspace))
    assert result.state == "complete"
    for row in result.table:
        assert row["best/val_loss"] == pytest.approx(loss({k: str(v) for k, v in row.items() if v is not None}))
        assert row["parameters"] == 10 * int(row["cell.hidden_size"])
    assert sorted((row["best/val_loss"], row["parameters"]) for row in result.table) == sorted(
        (trial.values[0], trial.values[1]) for trial in trials()
    )


@pytest.mark.parametrize("sampler", ["grid", "random", "qmc", "tpe", "cmaes"])
def test_every_trial_keeps_to_the_constraints(sampler: str, workspace: Path) -> None:
    from rnnlab.parts import Show, assemble

    sizes = "4,8,12,16" if sampler == "grid" else "interval(4,16)"
    search = [*BASE, f"cell.hidden_size={sizes}", "cell=elman,lstm", f"sweep.sampler={sampler}", "sweep.n_trials=4"]
    counted: list[int] = []

    def count(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        experiment = assignment.place.compose(assignment.overrides).experiment
        learner = assemble(experiment, Show()).learner
        counted.append(sum(p.numel() for p in learner.parameters))
        with folder.lock():
            metrics = {"best/val_loss": float(counted[-1]), "parameters": counted[-1]}
            result = {"run_id": folder.id, "state": "complete", "metrics": metrics, "seconds": 1.0, "message": ""}
            folder.write_json("result.json", result)

    result = inline([*search, 'sweep.constraints=["parameters <= 2000", "parameters >= 800"]'], count)
    assert result.state == "complete" and len(result.table) == len(counted) > 1
    assert all(800 <= count <= 2000 for count in counted), counted


@pytest.mark.parametrize("sampler", ["grid", "random", "tpe", "cmaes"])
def test_an_impossible_constraint_creates_nothing(sampler: str, workspace: Path) -> None:
    search = [*BASE, "cell.hidden_size=4,8", "cell=elman,lstm", f"sweep.sampler={sampler}", "sweep.n_trials=2"]
    with pytest.raises(RequestError, match="sweep.constraints .* no combination") as error:
        inline([*search, 'sweep.constraints=["parameters <= 3"]'], stand_in(workspace))
    assert "\n" not in str(error.value)
    assert not (workspace / "runs").exists()


def test_a_small_space_is_searched_whole_and_then_the_search_ends(workspace: Path) -> None:
    said: list[str] = []
    search = [*BASE, "optimizer.lr=0.1,0.01", "cell.hidden_size=4,8", "cell=elman,lstm", "sweep.sampler=tpe"]
    search += ["sweep.n_trials=99", 'sweep.constraints=["parameters <= 2000"]']
    result = inline(search, stand_in(workspace), said)
    assert result.state == "complete"
    assert len(result.table) == result.runs == len(ends(workspace)) == ends(workspace).total() < 8
    assert any("nothing new was found" in line for line in said)


@pytest.mark.parametrize("sampler", LEARN)
def test_a_run_that_is_complete_without_its_figure_ends_no_search(sampler: str, workspace: Path) -> None:
    def work(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        with folder.lock():
            result = {"run_id": folder.id, "state": "complete", "metrics": {}, "seconds": 1.0, "message": ""}
            folder.write_json("result.json", result)

    result = inline([*SEARCH, f"sweep.sampler={sampler}", "sweep.n_trials=2"], work)
    assert (result.counts, result.command) == ({"complete": 2}, None)
    assert [trial.state.name for trial in trials()] == ["FAIL", "FAIL"]


@pytest.mark.parametrize(
    ("sampler", "direction"),
    [("tpe", "minimize"), ("tpe", "maximize"), ("cmaes", "minimize"), ("cmaes", "maximize"), ("gp", "maximize")],
)
def test_a_search_finds_what_is_better(sampler: str, direction: str, tmp_path: Path) -> None:
    """On a smooth function of two settings, the mean of the later half of the trials is better than chance gives."""
    space = Space((), {"a": Interval(0.0, 1.0), "b": Interval(0.0, 1.0)})
    sign = 1 if direction == "minimize" else -1

    def value(varied: Values) -> float:
        return sign * ((float(varied["a"]) - 0.8) ** 2 + (float(varied["b"]) - 0.3) ** 2)

    seeds, wanted = (2, 16) if sampler == "gp" else (10, 24)
    searched, drawn = [], []
    for seed in range(seeds):
        config = Sweep.Config(sampler=Sampler(sampler), direction=Direction(direction), n_trials=wanted, seed=seed)
        study = Study(tmp_path / f"{seed}.journal", "01234567", config)
        values = []
        for _ in range(wanted):
            number, varied = study.ask(space)
            study.accept(number, varied, f"hash{number}")
            study.tell(number, State.complete, (value(varied),))
            values.append(sign * value(varied))
        searched += values[wanted // 2 :]
        drawn += [sign * value(each) for each in candidates(space, Sampler.random, seed, wanted)][wanted // 2 : wanted]
    assert math.fsum(searched) / len(searched) < 0.6 * math.fsum(drawn) / len(drawn)


def test_a_journal_cannot_name_settings_of_its_own(make_work: Callable[..., Work], workspace: Path) -> None:
    """A stored trial is put together to an override list: plugins=... among it would load code."""
    search = [*BASE, "optimizer.lr=interval(0.1,0.2)", "sweep.sampler=tpe", "sweep.n_trials=1"]
    journal = Path(inline(search, make_work()).folder) / "study.journal"
    journal.write_text(journal.read_text().replace('{"varied":{', '{"varied":{"plugins":"[evil]",'))
    with pytest.raises(RequestError, match=r"plugins='\[evil\]', which is no dimension of this sweep"):
        inline([*search[:-1], "sweep.n_trials=2"], make_work())
