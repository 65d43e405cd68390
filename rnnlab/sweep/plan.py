"""From a sweep's override list to the list of its runs, all composed and checked before anything starts."""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from rnnlab.config import overrides as grammar
from rnnlab.config import registry
from rnnlab.config.compose import prepare
from rnnlab.config.schema import identity
from rnnlab.errors import RequestError
from rnnlab.sweep.base import Sampler, Sweep
from rnnlab.sweep.fitting import with_owners, with_whole_numbers
from rnnlab.sweep.place import Place
from rnnlab.sweep.samplers import candidates
from rnnlab.sweep.space import Space, group_of, parse
from rnnlab.sweep.trial import Run, Trial, make_runs, sweep_id

if TYPE_CHECKING:
    from rnnlab.data.base import Dataset, DataSpec
    from rnnlab.experiment import Experiment

FOR_THE_SWEEP_ONLY = ("sweep", "seed", "hydra")


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

    corners       what the corners of a space compose to that is not tried out whole
    combinations  how many trials were wanted; more than ``trials`` where several of them mean the same
    """

    draft: Draft
    trials: tuple[Trial, ...]
    runs: tuple[Run, ...]
    experiments: tuple[Experiment, ...]
    corners: tuple[Experiment, ...]
    combinations: int


def draft(arguments: list[str], place: Place) -> Draft:
    """Read the command line and compose one combination. Raises RequestError."""
    from rnnlab.experiment import trial_hash

    prepare([argument for argument in arguments if argument.startswith("plugins=")])
    grammar.check_all(arguments, place.config_dir, multirun=True)
    space = with_owners(parse(arguments, place.options), place)
    experiment = place.compose(space.overrides(space.reference())).experiment
    config = experiment.sweep
    _check_sampler(space, config)
    space = with_whole_numbers(space, place)
    listed = {key: dimension.listed for key, dimension in space.dimensions.items()}
    drawn = None if config.sampler is Sampler.grid else config.seed
    name = sweep_id(trial_hash(experiment), listed, config.sampler.value, config.metric, drawn)
    if config.new:
        name = secrets.token_hex(4)
    fixed = (*_of_the_runs(space.fixed), *_pinned(experiment, config))
    seeds = space.seeds or tuple(config.seeds) or (experiment.seed,)
    return Draft(name, tuple(arguments), space, config, experiment, fixed, seeds, place)


def complete(drafted: Draft) -> Plan:
    """Compose and check every corner and every trial. Raises RequestError naming the one that is impossible."""
    from rnnlab.experiment import trial_hash

    shared, config, place = replace(drafted.space, fixed=drafted.fixed), drafted.config, drafted.place
    corners = tuple(_corners(shared, place)) if config.sampler is not Sampler.grid else ()
    wanted = int(min(shared.size, config.n_trials or math.inf))
    trials: dict[str, Trial] = {}
    experiments: dict[str, Experiment] = {}
    for varied in candidates(shared, config.sampler, config.seed, wanted):
        overrides = shared.overrides(varied)
        where = " ".join(f"{key}={value}" for key, value in varied.items())
        experiment = place.compose(overrides, f"in the combination {where}" if where else "").experiment
        key = trial_hash(experiment)
        if key not in trials:
            trials[key] = Trial(len(trials), varied, overrides, key)
            experiments[key] = experiment
        if len(trials) == wanted:
            break
    chosen = tuple(trials.values())
    runs = tuple(make_runs(drafted.id, chosen, drafted.seeds))
    combinations = int(shared.size) if config.sampler is Sampler.grid else wanted
    return Plan(drafted, chosen, runs, tuple(experiments.values()), corners, combinations)


def prepare_data(plan: Plan) -> None:
    """Prepare each set of data once, before several workers need it, and try the windows of trials and corners on it.

    Raises RequestError: no such data, a task that does not fit it, a window longer than the text.
    """
    from rnnlab.experiment import check
    from rnnlab.training.bptt import evaluation_windows, training_windows

    prepared: dict[str, tuple[Dataset, DataSpec]] = {}
    for experiment in (*plan.experiments, *plan.corners):
        data, bptt = experiment.data, experiment.bptt
        key = json.dumps(identity(data), sort_keys=True)
        if key not in prepared:
            dataset = registry.build("data", data)
            prepared[key] = (dataset, dataset.prepare())
        dataset, spec = prepared[key]
        check(experiment, spec)
        training_windows(bptt, dataset.split("train"), data.batch_size, experiment.seed)
        evaluation_windows(bptt, dataset.split("val"), data.val_rows, bptt.window)


def _check_sampler(space: Space, config: Sweep.Config) -> None:
    """A grid needs lists; a search through intervals must be told when to end."""
    for key, interval in space.intervals.items():
        line = f"{key}={interval.listed[0]}"
        if config.sampler is Sampler.grid:
            raise RequestError(
                f"{line}: a grid needs a finite list of values, as {key}=a,b,c or {key}=range(1,4);"
                " sweep.sampler=random or qmc draws from an interval"
            )
        if config.n_trials is None:
            raise RequestError(
                f"{line}: sweep.n_trials says how many trials a {config.sampler.value} search has; it is missing"
            )


def _corners(space: Space, place: Place) -> Iterator[Experiment]:
    """Each different corner once: the reference is a corner of every dimension."""
    corners = {space.overrides(chosen): corner for corner, chosen in space.corners()}
    for overrides, corner in corners.items():
        yield place.compose(overrides, f"at the corner {corner}").experiment


def _of_the_runs(fixed: tuple[str, ...]) -> list[str]:
    """The overrides that mean something to a single run."""
    return [override for override in fixed if group_of(override.split("=", 1)[0]) not in FOR_THE_SWEEP_ONLY]


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
