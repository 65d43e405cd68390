"""A sweep that a study is to tell of: refused in a line, before anything is made, where it cannot be told of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.analysis.sweeps import read_sweep
from rnnlab.errors import RequestError
from rnnlab.sweep.place import Place
from rnnlab.sweep.plan import draft
from rnnlab.sweep.studied import check_study
from rnnlab.tracking.folder import RunFolder

SMALL = ["cell=elman,lstm", "data=hello", "bptt.window=4", "embedding=one_hot", "cell.hidden_size=4"]
SHORT = ["trainer.max_steps=4", "trainer.val_every=2", "trainer.final=false", "sweep.workers.inline=true"]


@pytest.mark.parametrize("seeds", [["seed=0"], ["sweep.seeds=[7]"], []])
def test_one_seed_has_no_interval(seeds: list[str], workspace: Path) -> None:
    with pytest.raises(RequestError, match="need 2 seeds at least, as seed=0,1; sweep.study=null") as error:
        draft([*SMALL, *SHORT, "sweep.study=vanishing_gradient", *seeds], Place())
    assert "\n" not in str(error.value)
    assert not (workspace / "runs").exists()


def test_two_seeds_have_one() -> None:
    check_study("vanishing_gradient", (0, 1))
    check_study(None, (0,))


def test_an_unknown_study_is_named(workspace: Path) -> None:
    with pytest.raises(RequestError, match="sweep.study=vanishing: no such study; there are capacity"):
        draft([*SMALL, *SHORT, "sweep.study=vanishing", "seed=0,1"], Place())


def test_a_study_is_no_part_of_what_makes_a_sweep_this_one(workspace: Path) -> None:
    given = [*SMALL, *SHORT, "seed=0,1"]
    assert draft(given, Place()).id == draft([*given, "sweep.study=capacity"], Place()).id


def test_the_preset_with_one_seed_is_refused_in_a_line(cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("sweep", "vanishing_gradient", "seed=0")
    assert answer.exit_code == 2
    assert len(answer.stderr.strip().splitlines()) == 1 and "seed=0: the study vanishing_gradient" in answer.stderr
    assert not (workspace / "runs").exists()


def test_the_claims_come_with_the_table(cli: Callable[..., Any], workspace: Path) -> None:
    answer = cli("train", "-m", *SMALL, *SHORT, "seed=0,1", "sweep.study=vanishing_gradient", "--json")
    assert answer.exit_code == 0, answer.stderr
    told = answer.data["study"]
    assert told["study"] == "vanishing_gradient"
    assert [claim["verdict"] for claim in told["claims"]] == ["not enough data"] * 3
    assert any("No gradient_decay table" in line for line in told["missing"])
    assert read_sweep(RunFolder(Path(answer.data["folder"]))).study == "vanishing_gradient"
    page = (Path(answer.data["folder"]) / "report.html").read_text()
    assert "Why does the vanilla RNN forget?" in page
    again = cli("report", "last", "--json").data
    assert again["studies"] == {answer.data["sweep_id"]: told}
