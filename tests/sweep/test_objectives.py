"""Which metrics runs have, known beforehand: held against what tasks and whole runs really give."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.sweep.base import Pruner, Sweep
from rnnlab.sweep.checks import Checks
from rnnlab.sweep.objectives import check_objectives
from rnnlab.sweep.place import Place

HELLO = ("data=hello", "bptt.window=4", "cell.hidden_size=4", "trainer.max_steps=2", "tracking.store=none")


def check(*metrics: str, has_final: bool = False, **options: Any) -> None:
    first, *more = metrics
    candidate = Checks(Place(), ()).candidate(HELLO, "")
    check_objectives(Sweep.Config(metric=first, more_metrics=more, **options), [candidate], has_final)


@pytest.mark.parametrize("name", registry.names("task"))
def test_a_task_names_the_figures_that_it_gives(name: str) -> None:
    task = registry.component("task", name)
    given = task.metrics(SimpleNamespace(named_classes=0), defaultdict(lambda: 1.0))
    assert tuple(given) == task.figures
    assert "loss" in task.figures, "the best weights are those with the least of it"


@pytest.mark.parametrize("final", [False, True])
def test_what_is_promised_is_what_a_run_has(final: bool, cli: Callable[..., Any]) -> None:
    answer = cli("train", *HELLO, f"trainer.final={str(final).lower()}", "--json")
    folder = Path("runs") / answer.data["run_id"]
    metrics = set(json.loads((folder / "result.json").read_text())["metrics"])
    metrics = {name for name in metrics if not name.startswith("baseline/")}  # the same for every trial
    for metric in metrics:
        check(metric, has_final=final)
    with pytest.raises(RequestError) as error:
        check("no such", has_final=final)
    promised = str(error.value).split("there are ")[1].split(" (did you mean")[0].split(", ")
    assert set(promised) == metrics


def test_every_objective_must_be_there(workspace: Path) -> None:
    check("val/loss", "parameters")
    with pytest.raises(RequestError, match="paramters.*did you mean 'parameters'"):
        check("val/loss", "paramters")
    with pytest.raises(RequestError, match="test/loss"):
        check("test/loss")


@pytest.mark.parametrize("has_final", [False, True])
def test_data_without_a_test_part_give_no_test_score(has_final: bool, workspace: Path) -> None:
    with pytest.raises(RequestError, match="runs have no such figure"):
        check("test/loss", has_final=has_final)


def test_a_pruner_needs_a_figure_that_is_seen_on_the_way(workspace: Path) -> None:
    check("val/bits_per_char", pruner=Pruner.median)
    for metric, has_final in (("parameters", False), ("seconds", False), ("final/loss", True)):
        check(metric, has_final=has_final)
        with pytest.raises(RequestError, match="sweep.pruner=median needs a figure"):
            check(metric, has_final=has_final, pruner=Pruner.median)
