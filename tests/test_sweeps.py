"""Every preset of sweeps/ says what it asks and composes in every combination; ``smoke`` runs whole."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.sweep.plan import Place, complete, draft
from rnnlab.sweep.presets import preset_overrides, presets, summary

FOLDER = Path(__file__).resolve().parent.parent / "sweeps"
NAMES = sorted(file.stem for file in FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_composes_in_every_combination(name: str, workspace: Path) -> None:
    plan = complete(draft(preset_overrides(name), Place()))
    assert len(plan.runs) == plan.combinations * len(plan.draft.seeds) > 1
    assert summary(name).endswith((".", "?"))


def test_presets_are_found_outside_the_checkout(workspace: Path) -> None:
    assert set(NAMES) <= set(presets())


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
