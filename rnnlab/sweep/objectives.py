"""Which metrics the runs of a sweep will have, known before the first of them starts."""

from __future__ import annotations

from collections.abc import Iterable

from rnnlab.config import registry
from rnnlab.errors import RequestError, did_you_mean
from rnnlab.sweep.base import Pruner, Sweep
from rnnlab.sweep.checks import Candidate

AT_THE_END = ("seconds", "parameters", "best/step")
MEASURED_ONCE = {"final": "val", "test": "test"}
"""What is measured with the best weights -> on which part of the data, which some data lack."""


def check_objectives(config: Sweep.Config, candidates: Iterable[Candidate], has_final: bool) -> None:
    """RequestError for an objective that some run would not have, or that a pruner would never see.

    has_final: whether each run measures its best weights on one stream, the test part too
    """
    for candidate in candidates:
        figures = registry.component("task", candidate.experiment.task.name).figures_on(candidate.spec)
        on_the_way = ["best/val_loss", "train/loss", *(f"val/{name}" for name in figures)]
        measured = [name for name, split in MEASURED_ONCE.items() if has_final and candidate.spec.sizes[split]]
        once = [f"{name}/{figure}" for name in measured for figure in figures]
        possible = [*on_the_way, *AT_THE_END, *once]
        for metric in config.objectives:
            _require(metric in possible, metric, "runs have no such figure", possible)
        if config.pruner is not Pruner.none:
            why = f"sweep.pruner={config.pruner.value} needs a figure that is measured during training"
            _require(config.metric in on_the_way, config.metric, why, on_the_way)


def _require(condition: bool, metric: str, why: str, possible: list[str]) -> None:
    if not condition:
        raise RequestError(
            f"sweep.metric = {metric!r}: {why}; there are {', '.join(possible)}{did_you_mean(metric, possible)}"
        )
