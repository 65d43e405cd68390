"""From a combination of values to something that can be trained, or to the line that says why not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnlab.config import registry
from rnnlab.config.schema import identity
from rnnlab.errors import RequestError
from rnnlab.sweep.constraints import Constraint
from rnnlab.sweep.place import Place

if TYPE_CHECKING:
    from rnnlab.data.base import Dataset
    from rnnlab.data.spec import DataSpec
    from rnnlab.experiment import Experiment


@dataclass(frozen=True, slots=True)
class Candidate:
    """A combination that can be trained. violations: constraint -> by how much it is broken."""

    overrides: tuple[str, ...]
    experiment: Experiment
    spec: DataSpec
    hash: str
    violations: dict[str, float]


class Checks:
    """Composes combinations and tries them on their data, each set of which is prepared once."""

    def __init__(self, place: Place, constraints: tuple[Constraint, ...]) -> None:
        self._place = place
        self._constraints = constraints
        self._prepared: dict[str, tuple[Dataset, DataSpec]] = {}

    def candidate(self, overrides: tuple[str, ...], where: str) -> Candidate:
        """RequestError, ending with ``where``, for one that cannot be trained: parts that do not go together,
        no such data, a window longer than the text.
        """
        from rnnlab.experiment import trial_hash

        experiment = self._place.compose(overrides, where).experiment
        spec = self._tried(experiment)
        return Candidate(overrides, experiment, spec, trial_hash(experiment), self._violations(experiment, spec))

    def _tried(self, experiment: Experiment) -> DataSpec:
        from rnnlab.experiment import check
        from rnnlab.training.bptt import evaluation_windows, training_windows

        data, bptt = experiment.data, experiment.bptt
        key = json.dumps(identity(data), sort_keys=True)
        if key not in self._prepared:
            dataset: Dataset = registry.build("data", data)
            self._prepared[key] = (dataset, dataset.prepare())
        dataset, spec = self._prepared[key]
        check(experiment, spec)
        training_windows(bptt, dataset.split("train"), data.batch_size, experiment.seed)
        evaluation_windows(bptt, dataset.split("val"), data.val_rows, bptt.window)
        return spec

    def _violations(self, experiment: Experiment, spec: DataSpec) -> dict[str, float]:
        if not self._constraints:
            return {}
        from rnnlab.sweep.sizes import parameters_of, symbols_per_step

        figures = {
            "parameters": float(parameters_of(experiment, spec)),
            "symbols_per_step": float(symbols_per_step(experiment, spec)),
        }
        broken = {str(each): each.violation(figures) for each in self._constraints}
        return {name: by for name, by in broken.items() if by > 0}


def no_combination(constraints: list[str]) -> RequestError:
    """For a space in which nothing keeps to the constraints."""
    return RequestError(f"sweep.constraints = {constraints}: no combination of the space that was tried keeps to them")
