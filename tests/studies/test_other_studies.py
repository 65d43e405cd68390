"""What the other studies say of sweeps whose answer is known."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from rnnlab.analysis.sweeps import SweepRecord, read_sweep
from rnnlab.config import registry
from rnnlab.config.groups import STUDY
from rnnlab.errors import RequestError
from rnnlab.statistics import wilson_interval
from rnnlab.studies.base import Study, Verdict
from rnnlab.studies.discovery import Examined, examine, find_study
from rnnlab.studies.stored_bits import stored_bits
from rnnlab.tracking.folder import RunFolder
from tests.report.made_up import MadeUpRun, MadeUpSweep
from tests.studies.made_up import decaying_tables, write_table

SEEDS = range(5)


def examined(sweep: SweepRecord) -> Examined:
    found = examine(sweep)
    assert found is not None
    return found


def written(root: Path, study: str, space: dict[str, list[str]], runs: list[MadeUpRun], **extra: Any) -> SweepRecord:
    return read_sweep(MadeUpSweep(space, runs, extra={"study": study, **extra}).write(root, "abcd0000"))


def folders(root: Path, count: int) -> list[RunFolder]:
    return [RunFolder(root / f"abcd{place:04x}") for place in range(count)]


def test_there_is_a_module_for_each_study() -> None:
    assert registry.names(STUDY) == ["capacity", "lag_to_failure", "memory_horizon", "remedies", "vanishing_gradient"]
    for name in registry.names(STUDY):
        study = find_study(name)
        assert issubclass(study, Study) and study.question.endswith("?")


def test_an_unknown_study_is_named_with_those_there_are() -> None:
    with pytest.raises(RequestError, match="sweep.study=remedy: no such study; there are capacity, .*'remedies'"):
        find_study("remedy")


@pytest.mark.parametrize("name", registry.names(STUDY))
def test_a_sweep_that_has_just_begun_has_not_enough_data(name: str, tmp_path: Path) -> None:
    waiting = [MadeUpRun({"cell": cell}, seed, None, None, state=None) for cell in ("elman", "lstm") for seed in SEEDS]
    found = examined(written(tmp_path, name, {"cell": ["elman", "lstm"]}, waiting))
    assert found.claims and {claim.verdict for claim in found.claims} == {Verdict.too_few}
    assert found.figures == ()
    assert "cell=elman seed=0 (waiting)" in found.missing[0] and "2 more" in found.missing[0]


def test_remedies_stand_beside_plain(tmp_path: Path) -> None:
    factors = {"orthogonal": 0.99, "plain": 0.8, "nothing": 0.8}
    runs = [MadeUpRun({"recipe": name}, seed, 1.0, seed, seed + 1) for name in factors for seed in SEEDS]
    sweep = written(tmp_path, "remedies", {"recipe": list(factors)}, runs)
    for place, folder in enumerate(folders(tmp_path, len(runs))):
        decaying_tables(folder, factors[runs[place].varied["recipe"]] + 1e-4 * (place % 5))
    claims = {claim.name: claim for claim in examined(sweep).claims}
    verdicts = {row["recipe"]: row["verdict"] for row in claims["reach_trained"].rows}
    unclear = Verdict.unclear.value
    assert verdicts == {"orthogonal": "reaches further", "plain": "the reference", "nothing": unclear}
    assert claims["reach_trained"].verdict is Verdict.supported
    assert claims["loss"].verdict is Verdict.unclear


def horizon_rows(used: int) -> list[dict[str, Any]]:
    """Losses that fall from 3 to 2 over ``used`` steps of context and no further, and n-grams."""
    contexts = [0, 1, 2, 4, 8, 16, 32]
    model = [(context, 3 - min(1.0, context / used), "model") for context in contexts]
    rows = [*model, *((context, 2.5, "n-gram") for context in contexts[:4])]
    return [{"context": c, "loss": loss, "low": loss, "high": loss, "source": source} for c, loss, source in rows]


def test_the_context_that_is_used_is_found(tmp_path: Path) -> None:
    used = {"elman": 4, "lstm": 16}
    runs = [MadeUpRun({"cell": cell}, seed, 2.0 - 0.1 * seed, 0, 1) for cell in used for seed in SEEDS]
    sweep = written(tmp_path, "memory_horizon", {"cell": list(used)}, runs)
    for run, folder in zip(runs, folders(tmp_path, len(runs)), strict=True):
        for step in (0, 1000):
            write_table(folder, "horizon_context", step, horizon_rows(used[run.varied["cell"]]))
            changes = [{"lag": k, "loss_change": 1.0, "low": 0, "high": 2, "divergence": 0.5**k} for k in range(9)]
            write_table(folder, "horizon_perturbation", step, changes)
    found = examined(sweep)
    claims = {claim.name: claim for claim in found.claims}
    assert claims["context_used"].verdict is Verdict.supported
    assert [row["steps"] for row in claims["context_used"].rows] == [4, 16]
    figures = {figure.name: figure.columns for figure in found.figures}
    assert set(figures["loss_and_context"]["option"]) == {"elman", "lstm", "n-gram"}
    assert figures["perturbation"]["divergence"].tolist() == pytest.approx([0.5**k for k in range(9)] * 2)


@pytest.mark.parametrize(
    ("examples", "accuracy", "bits"),
    [(100, 1.0, 100.0), (100, 0.5, 0.0), (100, 0.4, 0.0), (1000, 0.89, 1000 * (1 - 0.49992))],
)
def test_bits_by_hand(examples: int, accuracy: float, bits: float) -> None:
    assert stored_bits(examples, accuracy) == pytest.approx(bits, rel=1e-4)


def test_capacity_counts_bits_and_what_broke(tmp_path: Path) -> None:
    runs, space = [], {"cell": ["elman", "lstm"], "data.examples": ["100", "200"], "stack.depth": ["1"]}
    for cell, accuracy in (("elman", 0.9), ("lstm", 1.0)):
        for examples in ("100", "200"):
            for seed in range(6):
                varied = {"cell": cell, "data.examples": examples, "stack.depth": "1"}
                broken = cell == "elman" and examples == "200"
                metrics = {} if broken else {"val/accuracy": accuracy, "parameters": 50.0}
                state = "diverged" if broken else "complete"
                runs.append(MadeUpRun(varied, seed, None if broken else 0.1, 0, 1, state=state, metrics=metrics))
    found = examined(written(tmp_path, "capacity", space, runs))
    claims = {claim.name: claim for claim in found.claims}
    assert [row["bits_per_parameter"] for row in claims["bits"].rows] == [
        pytest.approx(stored_bits(100, 0.9) / 50),
        pytest.approx(200 / 50),
    ]
    assert claims["bits"].verdict is Verdict.supported
    assert claims["diverged"].verdict is Verdict.supported
    figures = {figure.name: figure.columns for figure in found.figures}
    wilson = wilson_interval(6, 12)
    assert figures["diverged"]["share"].tolist() == [0.5, 0.0]
    assert (figures["diverged"]["low"][0], figures["diverged"]["high"][0]) == (wilson.low, wilson.high)


def lag_sweep(root: Path, limits: Mapping[str, int], seeds: Sequence[int]) -> SweepRecord:
    lengths = ["5", "50", "500"]
    runs = [
        MadeUpRun({"cell": cell, "data.length": length}, seed, 0.001 if int(length) <= limit else 0.167, 0, 1)
        for cell, limit in limits.items()
        for length in lengths
        for seed in seeds
    ]
    return written(root, "lag_to_failure", {"cell": list(limits), "data.length": lengths}, runs)


def test_success_against_length(tmp_path: Path) -> None:
    found = examined(lag_sweep(tmp_path, {"elman": 5, "lstm": 500}, SEEDS))
    claims = {claim.name: claim for claim in found.claims}
    assert claims["solves_longer"].verdict is Verdict.supported
    assert [row["solved"] for row in claims["solves_longer"].rows] == [pytest.approx(1 / 3), 1.0]
    assert claims["succeeds_at_longest"].verdict is Verdict.supported
    assert "500 steps" in claims["succeeds_at_longest"].text
    curve = found.figures[0].columns
    assert curve["data.length"].tolist() == ["5", "50", "500"] * 2, "by length, not by letter"
    assert curve["share"].tolist() == [1, 0, 0, 1, 1, 1]
    for share, low, high in zip(curve["share"], curve["low"], curve["high"], strict=True):
        wilson = wilson_interval(round(5 * share), 5)
        assert (low, high) == (wilson.low, wilson.high) and not math.isnan(low)


def test_equal_failure_is_no_difference(tmp_path: Path) -> None:
    found = examined(lag_sweep(tmp_path, {"elman": 5, "lstm": 5}, SEEDS))
    assert {claim.verdict for claim in found.claims} == {Verdict.unclear}


def test_shares_stay_between_nothing_and_all(tmp_path: Path) -> None:
    claims = {claim.name: claim for claim in examined(lag_sweep(tmp_path, {"elman": 5, "lstm": 50}, (0, 1))).claims}
    assert claims["succeeds_at_longest"].verdict is Verdict.too_few
    wilson = wilson_interval(0, 2)
    assert f"elman 0 of runs (0 to {wilson.high:.3g})" in claims["succeeds_at_longest"].answer
    for row in claims["solves_longer"].rows:
        assert 0 <= row["solved_low"] <= row["solved"] <= row["solved_high"] <= 1
