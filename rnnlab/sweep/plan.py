"""From a sweep's override list to what is known of it before anything starts."""

from __future__ import annotations

import math
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from rnnlab.config import overrides as grammar
from rnnlab.config.compose import prepare
from rnnlab.config.groups import RECIPE
from rnnlab.config.schema import identity, require
from rnnlab.errors import RequestError
from rnnlab.sweep import constraints
from rnnlab.sweep.base import Pruner, Sampler, Sweep
from rnnlab.sweep.checks import Candidate, Checks, no_combination
from rnnlab.sweep.fitting import with_owners, with_whole_numbers
from rnnlab.sweep.objectives import check_objectives
from rnnlab.sweep.place import Place
from rnnlab.sweep.samplers import candidates, rounds
from rnnlab.sweep.space import Space, group_of, parse
from rnnlab.sweep.studied import check_study
from rnnlab.sweep.trial import Trial, short_hash, sweep_id

if TYPE_CHECKING:
    from rnnlab.experiment import Experiment

FOR_THE_SWEEP_ONLY = ("sweep", "seed", "hydra")
FINAL = "trainer.final="
"""Trials are chosen by validation: unless it is asked for by name, runs of a sweep leave the test part alone."""
TRIED_FOR_CONSTRAINTS = 100
"""Draws among which a search that learns must have one that keeps to the constraints."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What is known after one composition: how the sweep is to run, and its name.

    space       with the overrides of every run: those given, without the sweep's own, and ``pinned``
    experiment  one combination of the space, for the settings that all runs share
    """

    id: str
    arguments: tuple[str, ...]
    space: Space
    config: Sweep.Config
    experiment: Experiment
    seeds: tuple[int, ...]
    checks: Checks
    place: Place


@dataclass(frozen=True, slots=True)
class Plan:
    """A sweep before it starts.

    trials      all of them, in order, where none depends on results; else none
    candidates  what they compose to; for a search that learns, the corners of its space
    expected    how many trials there will be in all
    left_out    how many combinations break a constraint or mean the same as others
    """

    draft: Draft
    trials: tuple[Trial, ...]
    candidates: tuple[Candidate, ...]
    expected: int
    left_out: int


def draft(arguments: list[str], place: Place) -> Draft:
    """Read the command line and compose one combination. Raises RequestError."""
    prepare([argument for argument in arguments if argument.startswith("plugins=")])
    grammar.check_all(arguments, place.config_dir, multirun=True)
    space = with_owners(parse(arguments, place.options), place)
    space = with_whole_numbers(space, place)
    experiment = place.compose(space.overrides(space.reference())).experiment
    config = experiment.sweep
    _check_sampler(space, config)
    name = secrets.token_hex(4) if config.new else sweep_id(_identity(space, config, experiment))
    seeds = space.seeds or tuple(config.seeds) or (experiment.seed,)
    check_study(config.study, seeds)
    checks = Checks(place, constraints.parse(config.constraints))
    shared = replace(space, fixed=(*_of_the_runs(space.fixed), *_pinned(space, experiment, config)))
    return Draft(name, tuple(arguments), shared, config, experiment, seeds, checks, place)


def complete(drafted: Draft) -> Plan:
    """Compose and check every corner, and every trial that is known now. RequestError naming what is impossible."""
    space, config = drafted.space, drafted.config
    corners = tuple(_corners(drafted)) if config.sampler is not Sampler.grid else ()
    if config.sampler.learns:
        _check_constraints_can_be_kept(drafted)
        plan = Plan(drafted, (), corners, int(min(space.size, config.n_trials or math.inf)), 0)
    else:
        plan = _listed(drafted)
    has_final = drafted.experiment.trainer.final and any(word.startswith(FINAL) for word in space.fixed)
    check_objectives(config, (*plan.candidates, *corners), has_final)
    return plan


def where_it_is(varied: dict[str, str]) -> str:
    """How an error names a combination."""
    words = " ".join(f"{key}={value}" for key, value in varied.items())
    return f"in the combination {words}" if words else ""


def _listed(drafted: Draft) -> Plan:
    """The trials of a grid, or drawn by a function of the sweep's seed: each that is wanted, each once."""
    space, config = drafted.space, drafted.config
    wanted = int(min(space.size, config.n_trials or math.inf))
    found: dict[str, tuple[Trial, Candidate]] = {}
    tried = 0
    for members in rounds(space, config.sampler, config.seed, wanted, config.blocks):
        tried += len(members)
        checked = [drafted.checks.candidate(space.overrides(varied), where_it_is(varied)) for varied in members]
        if any(candidate.violations or candidate.hash in found for candidate in checked):
            continue  # for all blocks, so that they stay equal
        for varied, candidate in zip(members, checked, strict=True):
            trial = Trial(len(found), varied, candidate.overrides, candidate.hash)
            found[trial.hash] = (trial, candidate)
        if len(found) >= wanted:
            break
    if not found:
        raise no_combination(config.constraints)
    trials, chosen = zip(*found.values(), strict=True)
    return Plan(drafted, trials, chosen, len(trials), tried - len(trials))


def _identity(space: Space, config: Sweep.Config, experiment: Experiment) -> dict[str, Any]:
    """What makes a sweep this one. No order, worker, path or number of trials or seeds is part of it; nor are the
    values in a grid, which can be made longer.
    """
    fields = identity(experiment)
    del fields["seed"]
    swept = {group_of(key) for key in space.dimensions if group_of(key) == key.lstrip("+")}
    for key in space.dimensions:
        *path, leaf = key.lstrip("+").split(".")
        part: Any = fields
        for word in path:
            part = part.get(word, {})
        part.pop(leaf, None)
    listed = {key: sorted(dimension.listed) for key, dimension in space.dimensions.items()}
    if RECIPE in swept:  # it may say anything, and words are the same for all
        fields, swept = {}, {group_of(word.split("=", 1)[0]) for word in _of_the_runs(space.fixed)}
    content = {
        "shared": short_hash(fields, 64),
        "fixed": sorted(word for word in space.fixed if group_of(word.split("=", 1)[0]) in swept),
        "space": sorted(listed) if config.sampler is Sampler.grid else listed,
        "sampler": config.sampler.value,
        "objectives": {name: direction.value for name, direction in config.objectives.items()},
        "constraints": sorted(config.constraints),
        "pruner": config.pruner.value,
        "seed_margin": config.seed_margin,
    }
    if config.pruner is not Pruner.none:
        content["pruning"] = identity(config.pruning)
    if config.sampler is not Sampler.grid:
        content["seed"] = config.seed
    if config.blocks:
        content["blocks"] = sorted(config.blocks)
    return content


def _check_sampler(space: Space, config: Sweep.Config) -> None:
    """A grid needs lists; a search must be told when to end; blocks are lists of equal share."""
    name = config.sampler.value
    _check_blocks(space, config)
    if config.sampler.learns:
        if not space.dimensions:
            raise RequestError(f"sweep.sampler={name}: nothing to search: give a key several values or an interval")
        if config.n_trials is None:
            raise RequestError(f"sweep.n_trials says how many trials a {name} search has; it is missing")
    for key, interval in space.intervals.items():
        line = f"{key}={interval.listed[0]}"
        if config.sampler is Sampler.grid:
            raise RequestError(
                f"{line}: a grid needs a finite list of values, as {key}=a,b,c or {key}=range(1,4);"
                " sweep.sampler=random, qmc or tpe searches an interval"
            )
        if config.n_trials is None:
            raise RequestError(f"{line}: sweep.n_trials says how many trials a {name} search has; it is missing")


def _check_blocks(space: Space, config: Sweep.Config) -> None:
    for key in config.blocks:
        lists = ", ".join(space.choices) or "none"
        require(key in space.choices, "sweep.blocks", key, f"it must be a list that is searched; there are: {lists}")
    count = math.prod(len(space.choices[key]) for key in config.blocks)
    wanted = config.n_trials
    if wanted is not None and wanted % count:
        near = wanted - wanted % count
        possible = " or ".join(str(number) for number in (near, near + count) if number)
        raise RequestError(f"sweep.n_trials = {wanted}: with {count} blocks of equal size it can be {possible}")


def _check_constraints_can_be_kept(drafted: Draft) -> None:
    """RequestError where no combination of many drawn at random keeps to the constraints."""
    config, space = drafted.config, drafted.space
    if not config.constraints:
        return
    drawn = islice(candidates(space, Sampler.random, config.seed, TRIED_FOR_CONSTRAINTS), TRIED_FOR_CONSTRAINTS)
    tried = (drafted.checks.candidate(space.overrides(varied), where_it_is(varied)) for varied in drawn)
    if all(candidate.violations for candidate in tried):
        raise no_combination(config.constraints)


def _corners(drafted: Draft) -> Iterator[Candidate]:
    """Each different corner once: the reference is a corner of every dimension."""
    corners = {drafted.space.overrides(chosen): corner for corner, chosen in drafted.space.corners()}
    for overrides, corner in corners.items():
        yield drafted.checks.candidate(overrides, f"at the corner {corner}")


def _of_the_runs(fixed: tuple[str, ...]) -> list[str]:
    """The overrides that mean something to a single run."""
    return [override for override in fixed if group_of(override.split("=", 1)[0]) not in FOR_THE_SWEEP_ONLY]


def _pinned(space: Space, experiment: Experiment, config: Sweep.Config) -> list[str]:
    """What a slot decides for its runs, written out: so a run's command gives the same bits elsewhere."""
    pinned = []
    if experiment.threads == 0:
        pinned.append(f"threads={config.workers.cpus}")
    if experiment.device.value == "auto":
        pinned.append(f"device={'cuda' if config.workers.gpus else 'cpu'}")
    elif experiment.device.value == "cuda" and not config.workers.gpus and not config.workers.inline:
        raise RequestError("device = 'cuda': no slot has a GPU; sweep.workers.gpus=1 gives each one")
    return pinned
