"""Every preset of sweeps/ says what it asks and can be run as it stands; ``smoke`` runs whole."""

from __future__ import annotations

import functools
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.sweep.place import Place
from rnnlab.sweep.plan import Plan, complete, draft
from rnnlab.sweep.presets import preset_overrides, presets, summary

FOLDER = Path(__file__).resolve().parent.parent / "sweeps"
NAMES = sorted(file.stem for file in FOLDER.glob("*.yaml"))
AT_HAND = ("hello", "python_source", "digits", "adding", "copy", "random_labels", "temporal_order")
"""Data that is on every machine with Python, or drawn there: nobody waits for a download."""


@functools.cache
def planned(name: str, *given: str) -> Plan:
    """A preset with all its trials and corners composed, and tried on its data; takes seconds."""
    return complete(draft(preset_overrides(name, given), Place()))


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_composes_at_its_corners_and_in_every_trial(name: str, workspace: Path) -> None:
    plan = planned(name)
    assert plan.expected * len(plan.draft.seeds) > 1
    wanted = plan.draft.config.n_trials
    assert wanted is None or plan.expected == wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_needs_no_download_and_does_the_same_work_everywhere(name: str, workspace: Path) -> None:
    for candidate in planned(name).candidates:
        assert candidate.experiment.data.name in AT_HAND
        budget = candidate.experiment.trainer
        assert budget.max_steps is not None and budget.max_minutes is None, "minutes are other steps elsewhere"
        assert budget.max_steps >= 2 * budget.val_every, "a curve has two points at least"


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_begins_with_its_question_and_says_how_long_it_takes(name: str, workspace: Path) -> None:
    comment = [line for line in (FOLDER / f"{name}.yaml").read_text().splitlines() if line.startswith("#")]
    assert comment[0] == "# @package _global_"
    assert "?" in comment[1] and comment[1].removeprefix("# ") == summary(name)
    runs = re.search(r"\b(\d+) runs; .*(second|minute)s? on two cores", comment[-1])
    assert runs, "the comment's last line says how many runs there are, and how long they take"
    plan = planned(name)
    assert int(runs[1]) == plan.expected * len(plan.draft.seeds)


@pytest.mark.parametrize(
    ("name", "keys", "trials"), [("depth", ("cell", "stack.depth"), 9), ("lstm_vs_elman", ("cell", "optimizer.lr"), 10)]
)
def test_equal_parameters_leave_each_combination_once(
    name: str, keys: tuple[str, ...], trials: int, workspace: Path
) -> None:
    combinations = [tuple(trial.varied[key] for key in keys) for trial in planned(name).trials]
    assert len(combinations) == len(set(combinations)) == trials


def test_a_longer_window_has_fewer_rows(workspace: Path) -> None:
    pairs = {(trial.varied["bptt.window"], trial.varied["data.batch_size"]) for trial in planned("bptt_window").trials}
    assert sorted(int(window) for window, _ in pairs) == [8, 16, 32, 64, 128]
    assert {int(window) * int(rows) for window, rows in pairs} == {2048}


@pytest.mark.parametrize(("data", "task"), [("python_source", "language_model"), ("digits", "classification")])
def test_each_variant_of_the_odyssey_gets_the_same_draws(data: str, task: str, workspace: Path) -> None:
    plan = planned("odyssey", f"data={data}", "sweep.n_trials=27")
    of_a_cell: dict[str, list[dict[str, str]]] = {}
    for trial, candidate in zip(plan.trials, plan.candidates, strict=True):
        assert (candidate.experiment.data.name, candidate.experiment.task.name) == (data, task)
        of_a_cell.setdefault(trial.varied["cell"], []).append({**trial.varied, "cell": ""})
    assert len(of_a_cell) == 9
    assert all(draws == of_a_cell["peephole_lstm"] and len(draws) == 3 for draws in of_a_cell.values())


def test_the_full_odyssey_has_the_trials_of_the_paper(workspace: Path) -> None:
    assert "sweep.n_trials=1800" in preset_overrides("odyssey", ["size=full"])


def test_presets_are_found_outside_the_checkout(workspace: Path) -> None:
    assert set(NAMES) <= set(presets())


def test_presets_are_listed_with_their_question(cli: Callable[..., object], workspace: Path) -> None:
    listed = {row["sweep"]: row["what"] for row in cli("ls", "sweeps", "--json").data["sweeps"]}
    assert {name: listed[name] for name in NAMES} == {name: summary(name) for name in NAMES}
    assert all(summary(name) in cli("ls", "sweeps").stdout for name in NAMES)


@pytest.mark.slow
def test_smoke_runs_whole_and_is_not_repeated(cli: Callable[..., object], workspace: Path) -> None:
    first = cli("sweep", "smoke", "--json")
    assert first.exit_code == 0, first.stderr
    assert first.data["counts"] == {"complete": 4}
    assert first.data["table"][0]["cell"] in ("elman", "lstm")
    again = cli("sweep", "smoke", "--json")
    assert again.data == first.data
    alone = cli(*shlex.split(first.data["command"])[1:], "--json")
    results = [json.loads(file.read_text()) for file in (workspace / "runs").glob("*/result.json")]
    twins = [r for r in results if r["weights_sha256"] == alone.data["weights_sha256"]]
    assert len(twins) == 2, "the printed command gives the weights of its run in the sweep, to the bit"
    assert "none to run" in again.stderr
