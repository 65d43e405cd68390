"""Whole sweeps with a pruner, with a stand-in for training that reports curves: who survives, and what comes after."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.errors import RequestError
from rnnlab.sweep.driver import SweepResult, sweep
from rnnlab.sweep.watching import LineWatcher
from rnnlab.sweep.work import Assignment, Reporter, Work
from rnnlab.tracking.folder import RunFolder

DEPTHS = ["stack.depth=1,2,3,4,5,6", "data=hello", "bptt.window=4", "tracking.store=none"]
FLAT = {depth: [float(depth)] * 20 for depth in range(1, 7)}
PRUNING = {
    "median": ["sweep.pruning.startup=2"],
    "percentile": ["sweep.pruning.startup=2", "sweep.pruning.percentile=50"],
    "halving": ["sweep.pruning.reduction=2"],
    "hyperband": ["sweep.pruning.reduction=2"],
    "patient": ["sweep.pruning.patience=3"],
}


def stand_in(workspace: Path, curves: dict[int, list[float]], seed_worse: float = 0.0) -> Work:
    """Reports the curve of its depth place by place, and ends as pruned where it is told so."""

    def work(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        words = dict(word.split("=", 1) for word in assignment.overrides)
        curve = [value + seed_worse * int(words["seed"]) for value in curves[int(words["stack.depth"])]]
        state, place, value = "complete", 0, 0.0
        with folder.lock():
            for place, value in enumerate(curve, start=1):
                if reporter.report(place / len(curve), {"best/val_loss": value}) == "prune":
                    state = "pruned"
                    break
            with open(workspace / "ends.txt", "a", encoding="utf-8") as file:
                file.write(f"{words['stack.depth']}/{words['seed']} {state} {place}\n")
            result = {"run_id": folder.id, "state": state, "metrics": {"best/val_loss": value}}
            folder.write_json("result.json", {**result, "seconds": 1.0, "message": ""})

    return work


def inline(arguments: list[str], work: Work) -> SweepResult:
    return sweep([*arguments, "sweep.workers.inline=true"], seen_by=LineWatcher(lambda line: None), work=work)


def ended(workspace: Path) -> dict[str, tuple[str, int]]:
    """Depth/seed -> how it ended, and at which place; each came to its end once."""
    lines = [line.split() for line in (workspace / "ends.txt").read_text().splitlines()]
    assert len({run for run, _, _ in lines}) == len(lines)
    return {run: (state, int(place)) for run, state, place in lines}


@pytest.mark.parametrize("pruner", ["median", "percentile", "halving", "hyperband"])
def test_the_best_survive_and_the_worst_do_not(pruner: str, workspace: Path) -> None:
    result = inline([*DEPTHS, f"sweep.pruner={pruner}", *PRUNING[pruner]], stand_in(workspace, FLAT))
    ends = ended(workspace)
    assert result.state == "complete" and result.counts.keys() == {"complete", "pruned"}
    assert ends["1/0"] == ("complete", 20)
    # Hyperband deals trials out to brackets by their hash, and one of them prunes nobody.
    worst = max(run[0] for run, (state, _) in ends.items() if state == "pruned")
    assert worst == "6" or (pruner == "hyperband" and worst in "45")
    assert all(2 <= place < 20 for state, place in ends.values() if state == "pruned")
    states = {row["stack.depth"]: row["states"] for row in result.table}
    assert states["1"] == "1 complete" and states[worst] == "1 pruned"
    assert result.table[0]["stack.depth"] == "1"
    assert result.table[-1]["best/val_loss"] is None, "what a pruned run had on the way is no result"


def test_the_patient_pruner_ends_what_does_not_get_better(workspace: Path) -> None:
    curves = {1: [20.0 - place for place in range(20)], 2: [20.0 - min(place, 8) for place in range(20)]}
    search = ["stack.depth=1,2", *DEPTHS[1:], "sweep.pruner=patient", *PRUNING["patient"]]
    inline(search, stand_in(workspace, curves))
    ends = ended(workspace)
    assert ends["1/0"] == ("complete", 20)
    assert ends["2/0"] == ("pruned", 12), "the ninth place was the last one that was better"


@pytest.mark.parametrize("pruner", sorted(PRUNING))
def test_nobody_is_pruned_before_the_first_place(pruner: str, workspace: Path) -> None:
    search = [*DEPTHS, f"sweep.pruner={pruner}", *PRUNING[pruner], "sweep.pruning.first=9"]
    inline(search, stand_in(workspace, FLAT))
    assert all(place >= 9 for _, place in ended(workspace).values())


def test_a_run_that_gets_bad_at_its_very_end_is_complete(workspace: Path) -> None:
    curves = {depth: [1.0] * 19 + [1.0 + depth] for depth in range(1, 7)}
    result = inline([*DEPTHS, "sweep.pruner=median", *PRUNING["median"]], stand_in(workspace, curves))
    assert result.counts == {"complete": 6}


def test_later_seeds_run_only_for_trials_that_survived(workspace: Path) -> None:
    search = [*DEPTHS, "seed=0,1,2", "sweep.pruner=median", *PRUNING["median"]]
    result = inline(search, stand_in(workspace, FLAT))
    ends = ended(workspace)
    survivors = {run[0] for run, (state, _) in ends.items() if run.endswith("/0") and state == "complete"}
    assert 0 < len(survivors) < 6
    assert set(ends) == {f"{depth}/0" for depth in range(1, 7)} | {f"{d}/{s}" for d in survivors for s in (1, 2)}
    assert all(state == "complete" for run, (state, _) in ends.items() if not run.endswith("/0"))
    assert result.runs == len(ends)
    assert inline(search, stand_in(workspace, FLAT)).table == result.table
    assert ended(workspace) == ends


@pytest.mark.parametrize(("direction", "near"), [("minimize", {"1", "2"}), ("maximize", {"5", "6"})])
def test_further_seeds_of_trials_that_are_worse_by_the_margin_do_not_run(
    direction: str, near: set[str], workspace: Path
) -> None:
    search = [*DEPTHS, "seed=0,1", "sweep.seed_margin=1.5", f"sweep.direction={direction}"]
    result = inline(search, stand_in(workspace, FLAT))
    ends = ended(workspace)
    assert {run for run in ends if run.endswith("/1")} == {f"{depth}/1" for depth in near}
    assert result.state == "complete" and result.runs == len(ends) == 8


def test_a_diverged_first_seed_has_no_further_ones(workspace: Path) -> None:
    inner = stand_in(workspace, FLAT)

    def work(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        inner(assignment, folder, reporter)
        if "stack.depth=2" in assignment.overrides:
            folder.write_json("result.json", {**(folder.result() or {}), "state": "diverged", "metrics": {}})

    result = inline([*DEPTHS, "seed=0,1", "sweep.pruner=median", "sweep.pruning.startup=99"], work)
    assert result.counts == {"complete": 10, "diverged": 1}
    assert "2/1" not in ended(workspace)


SMALL = ("data=hello", "bptt.window=4", "cell.hidden_size=4", "trainer.max_steps=40", "trainer.val_every=2")


def test_a_pruned_run_goes_on_to_its_end_and_is_the_same_to_the_bit(cli: Callable[..., Any], workspace: Path) -> None:
    """With a learning rate of next to nothing it does not get better, and patience ends it."""
    pruner = ("sweep.pruner=patient", "sweep.pruning.patience=2", "sweep.workers.inline=true", "tracking.store=none")
    swept = cli("train", "-m", "optimizer.lr=1e-12,1e-2", *SMALL, *pruner, "--json")
    assert swept.data["counts"] == {"complete": 1, "pruned": 1}, swept.stderr
    results = [RunFolder(path.parent) for path in (workspace / "runs").glob("*/result.json")]
    (pruned,) = [folder for folder in results if (folder.result() or {})["state"] == "pruned"]
    assert (pruned.result() or {})["steps"] < 40
    refused = cli("resume", pruned.id, "trainer.max_steps=80")
    assert refused.exit_code == 2 and "was pruned" in refused.stderr
    resumed = cli("resume", pruned.id, "--json")
    assert resumed.exit_code == 0, resumed.stderr
    result = pruned.result() or {}
    assert (result["state"], result["steps"], resumed.data["state"]) == ("complete", 40, "complete")
    alone = cli("train", "optimizer.lr=1e-12", *SMALL, "threads=1", "device=cpu", "tracking.store=none", "--json")
    assert alone.data["weights_sha256"] == result["weights_sha256"]
    again = cli("train", "-m", "optimizer.lr=1e-12,1e-2", *SMALL, *pruner, "--json")
    assert again.data["counts"] == {"complete": 2}


def test_a_pruner_needs_a_metric_that_is_seen_on_the_way(workspace: Path) -> None:
    with pytest.raises(RequestError, match="sweep.pruner=median needs a figure"):
        inline([*DEPTHS, "sweep.pruner=median", "sweep.metric=seconds"], stand_in(workspace, FLAT))
    assert not (workspace / "runs").exists()
