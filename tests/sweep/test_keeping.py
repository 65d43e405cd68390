"""Checkpoints: those of the best trials stay, and those of every run that can still be gone on with."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnnlab.sweep.keeping import Keeper
from rnnlab.sweep.states import State
from rnnlab.sweep.trial import Trial
from rnnlab.tracking.folder import BEST_CHECKPOINT, LAST_CHECKPOINT, RunFolder

CHECKPOINTS = (LAST_CHECKPOINT, BEST_CHECKPOINT)


def trial_of(root: Path, number: int, *states: str | None) -> Trial:
    """A trial whose runs have these states; None: no result yet."""
    for seed, state in enumerate(states):
        folder = root / f"{number}-{seed}"
        folder.mkdir()
        for name in CHECKPOINTS:
            (folder / name).write_bytes(b"weights")
        if state is not None:
            RunFolder(folder).write_json("result.json", {"state": state})
    return Trial(number, {}, (), str(number))


def keeper_of(root: Path, best: int | None, sign: int = 1) -> Keeper:
    return Keeper(best, sign, lambda trial: [RunFolder(path) for path in sorted(root.glob(f"{trial.number}-*"))])


def kept(root: Path) -> set[str]:
    """The runs with both checkpoints; none has one alone."""
    found = {path.name: [name for name in CHECKPOINTS if (path / name).exists()] for path in root.iterdir()}
    assert all(len(names) in (0, 2) for names in found.values())
    return {name for name, names in found.items() if names}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 9), max_size=9), st.integers(1, 4), st.sampled_from([1, -1]), st.randoms())
def test_the_best_stay_whatever_the_order(
    tmp_path_factory: pytest.TempPathFactory, values: list[int], best: int, sign: int, random: Random
) -> None:
    root = tmp_path_factory.mktemp("runs")
    keeper = keeper_of(root, best, sign)
    ended = [(trial_of(root, number, "complete", "complete"), value) for number, value in enumerate(values)]
    random.shuffle(ended)
    for trial, value in ended:
        keeper.ended(trial, State.complete, (float(value), 0.0))
    ranked = sorted((sign * value, number) for number, value in enumerate(values))[:best]
    assert kept(root) == {f"{number}-{seed}" for _, number in ranked for seed in (0, 1)}


def test_without_a_number_all_stay(tmp_path: Path) -> None:
    keeper = keeper_of(tmp_path, None)
    for number in range(3):
        keeper.ended(trial_of(tmp_path, number, "complete"), State.complete, (1.0,))
    assert len(kept(tmp_path)) == 3


@pytest.mark.parametrize("state", [State.pruned, State.failed, State.diverged, State.lost, State.complete])
def test_trials_without_a_figure_neither_go_nor_take_a_place(tmp_path: Path, state: State) -> None:
    keeper = keeper_of(tmp_path, 1)
    keeper.ended(trial_of(tmp_path, 0, "complete"), State.complete, (1.0,))
    keeper.ended(trial_of(tmp_path, 1, state.value), state, None)
    assert kept(tmp_path) == {"0-0", "1-0"}


def test_of_a_trial_that_goes_only_complete_runs_go(tmp_path: Path) -> None:
    keeper = keeper_of(tmp_path, 1)
    keeper.ended(trial_of(tmp_path, 0, "complete"), State.complete, (1.0,))
    keeper.ended(trial_of(tmp_path, 1, "complete", "pruned", "failed", None), State.complete, (2.0,))
    assert kept(tmp_path) == {"0-0", "1-1", "1-2", "1-3"}


def test_a_run_that_is_being_written_keeps_what_it_has(tmp_path: Path) -> None:
    keeper = keeper_of(tmp_path, 1)
    worse = trial_of(tmp_path, 0, "complete")
    with RunFolder(tmp_path / "0-0").lock():
        keeper.ended(worse, State.complete, (2.0,))
        keeper.ended(trial_of(tmp_path, 1, "complete"), State.complete, (1.0,))
    assert kept(tmp_path) == {"0-0", "1-0"}
