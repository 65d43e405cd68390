"""From a sweep's override list to the list of its runs, all composed and checked before anything starts."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnnlab.config import overrides as grammar
from rnnlab.config import registry
from rnnlab.config.compose import Composed, compose, prepare
from rnnlab.config.recipes import PRIMARY
from rnnlab.config.schema import identity
from rnnlab.errors import RequestError
from rnnlab.sweep.base import Sweep
from rnnlab.sweep.space import Space, parse
from rnnlab.sweep.trial import Run, Trial, make_runs, sweep_id

if TYPE_CHECKING:
    from rnnlab.data.base import Dataset, DataSpec
    from rnnlab.experiment import Experiment

FOR_THE_SWEEP_ONLY = ("sweep", "seed", "hydra")


@dataclass(frozen=True, slots=True)
class Place:
    """Where configurations come from: Hydra's --config-dir and --config-name."""

    config_dir: str | None = None
    config_name: str = PRIMARY

    def compose(self, overrides: Iterable[str]) -> Composed:
        """``rnnlab.config.compose.compose`` of these overrides."""
        return compose(list(overrides), self.config_dir, self.config_name)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known after one composition: how the sweep is to run, and its name.

    experiment  one combination of the space, for the settings that all runs share
    fixed       the overrides of every run: those given, without the sweep's own, and ``pinned``
    """

    id: str
    arguments: tuple[str, ...]
    space: Space
    config: Sweep.Config
    experiment: Experiment
    fixed: tuple[str, ...]
    seeds: tuple[int, ...]
    place: Place


@dataclass(frozen=True, slots=True)
class Plan:
    """A sweep, complete: every run and, in the order of ``trials``, what each trial composes to.

    combinations  size of the grid; more than ``trials`` where several of them mean the same
    """

    draft: Draft
    trials: tuple[Trial, ...]
    runs: tuple[Run, ...]
    experiments: tuple[Experiment, ...]
    combinations: int


def draft(arguments: list[str], place: Place) -> Draft:
    """Read the command line and compose one combination. Raises RequestError."""
    from rnnlab.experiment import trial_hash

    prepare([argument for argument in arguments if argument.startswith("plugins=")])
    grammar.check_all(arguments, place.config_dir, multirun=True)
    space = parse(arguments, lambda group: grammar.choices(group, place.config_dir))
    experiment = place.compose(space.overrides(space.reference())).experiment
    config = experiment.sweep
    name = sweep_id(trial_hash(experiment), space.dimensions, config.sampler.value, config.metric)
    if config.new:
        name = secrets.token_hex(4)
    fixed = (*_of_the_runs(space.fixed), *_pinned(experiment, config))
    seeds = space.seeds or tuple(config.seeds) or (experiment.seed,)
    return Draft(name, tuple(arguments), space, config, experiment, fixed, seeds, place)


def complete(drafted: Draft) -> Plan:
    """Compose and check every trial. Raises RequestError naming the combination that is impossible."""
    from rnnlab.experiment import trial_hash

    shared = replace(drafted.space, fixed=drafted.fixed)
    trials: dict[str, Trial] = {}
    experiments: dict[str, Experiment] = {}
    for varied in shared.grid():
        overrides = shared.overrides(varied)
        experiment = _composed(overrides, varied, drafted.place)
        key = trial_hash(experiment)
        if key not in trials:
            trials[key] = Trial(len(trials), varied, overrides, key)
            experiments[key] = experiment
        if len(trials) == drafted.config.n_trials:
            break
    chosen = tuple(trials.values())
    runs = tuple(make_runs(drafted.id, chosen, drafted.seeds))
    return Plan(drafted, chosen, runs, tuple(experiments.values()), len(shared))


def prepare_data(plan: Plan) -> None:
    """Prepare each set of data once, before several workers need it, and try each trial's windows on it.

    Raises RequestError: no such data, a task that does not fit it, a window longer than the text.
    """
    from rnnlab.experiment import check
    from rnnlab.training.bptt import evaluation_windows, training_windows

    prepared: dict[str, tuple[Dataset, DataSpec]] = {}
    for experiment in plan.experiments:
        data, bptt = experiment.data, experiment.bptt
        key = json.dumps(identity(data), sort_keys=True)
        if key not in prepared:
            dataset = registry.build("data", data)
            prepared[key] = (dataset, dataset.prepare())
        dataset, spec = prepared[key]
        check(experiment, spec)
        training_windows(bptt, dataset.split("train"), data.batch_size, experiment.seed)
        evaluation_windows(bptt, dataset.split("val"), data.val_rows, bptt.window)


def _composed(overrides: tuple[str, ...], varied: dict[str, str], place: Place) -> Experiment:
    try:
        return place.compose(overrides).experiment
    except RequestError as error:
        where = " ".join(f"{key}={value}" for key, value in varied.items())
        raise RequestError(f"{error} (in the combination {where})" if where else str(error)) from error


def _of_the_runs(fixed: tuple[str, ...]) -> list[str]:
    """The overrides that mean something to a single run."""
    return [override for override in fixed if _group(override) not in FOR_THE_SWEEP_ONLY]


def _group(override: str) -> str:
    return override.split("=", 1)[0].lstrip("+~").replace("/", ".").split(".")[0]


def _pinned(experiment: Experiment, config: Sweep.Config) -> list[str]:
    """What a slot decides for its runs, written out: so a run's command gives the same bits elsewhere."""
    pinned = []
    if experiment.threads == 0:
        pinned.append(f"threads={config.workers.cpus}")
    if experiment.device.value == "auto":
        pinned.append(f"device={'cuda' if config.workers.gpus else 'cpu'}")
    elif experiment.device.value == "cuda" and not config.workers.gpus and not config.workers.inline:
        raise RequestError("device = 'cuda': no slot has a GPU; sweep.workers.gpus=1 gives each one")
    return pinned
