"""How soon each way of choosing trials finds a good one: on a formula, so a sweep of 80 trials costs seconds.

The trials come from the sweep's own study, asked one after the other as with one worker.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnnlab.bench.surrogate import MINIMUM, OWNERS, SPACE, Configuration, value
from rnnlab.statistics import mean_interval
from rnnlab.sweep.base import PLACES, Pruner, Sampler, Sweep
from rnnlab.sweep.samplers import candidates
from rnnlab.sweep.space import Space, parse
from rnnlab.sweep.states import State
from rnnlab.sweep.study import JOURNAL, Study

BUDGETS = (10, 20, 40, 80)
"""Whole runs' worth of training; a run that is pruned costs its share of one."""
MOST_TRIALS = PLACES * BUDGETS[-1]
"""There are no more even if each is pruned at its first place."""
ROUNDING = 1e-9


def samplers(names: list[str], pruner: str, seeds: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """A row for each sampler: its mean regret over the sweep seeds when each budget is spent, with an interval.

    Regret is the best final loss found so far, in nats, above the lowest that there is.
    """
    rows = []
    for name in names:
        found = [regrets(Sampler(name), Pruner(pruner), seed) for seed in range(seeds)]
        row: dict[str, Any] = {"sampler": name, "pruner": pruner, "seeds": seeds}
        for place, budget in enumerate(BUDGETS):
            interval = mean_interval([each[place] for each in found])
            row |= {
                f"after_{budget}": interval.estimate,
                f"low_{budget}": interval.low,
                f"high_{budget}": interval.high,
            }
        say(f"{name}: {row[f'after_{BUDGETS[-1]}']:.4f} after {BUDGETS[-1]}")
        rows.append(row)
    return rows


def regrets(sampler: Sampler, pruner: Pruner, seed: int) -> list[float]:
    """Of one sweep, at each of ``BUDGETS``."""
    spent, ended = 0.0, []
    with tempfile.TemporaryDirectory() as place:
        for cost, final in search(Path(place) / JOURNAL, sampler, pruner, seed):
            spent += cost
            ended.append((spent, final))
            if spent >= BUDGETS[-1] - ROUNDING:
                break
    return [min(final for spent, final in ended if spent <= budget + ROUNDING) - MINIMUM for budget in BUDGETS]


def search(journal: Path, sampler: Sampler, pruner: Pruner, seed: int) -> Iterator[tuple[float, float]]:
    """One trial after another: its share of a whole run, and its final loss, infinity where it was pruned."""
    space = replace(parse(list(SPACE), lambda group: []), owners=OWNERS)
    study = Study(journal, f"surrogate {seed}", Sweep.Config(sampler=sampler, pruner=pruner, seed=seed))
    for number, varied in proposed(study, space, sampler, seed):
        configuration = Configuration.of(varied)
        place = trained(study, number, configuration)
        final = value(configuration, 1) if place == PLACES else math.inf
        study.tell(number, *((State.complete, (final,)) if place == PLACES else (State.pruned, None)))
        yield place / PLACES, final


def proposed(study: Study, space: Space, sampler: Sampler, seed: int) -> Iterator[tuple[int, dict[str, str]]]:
    """The number and values of each trial, which the study knows."""
    if not sampler.learns:
        for number, varied in enumerate(candidates(space, sampler, seed, MOST_TRIALS)):
            study.begin(number, varied, str(number), space.dimensions)
            yield number, varied
    while sampler.learns:
        number, varied = study.ask(space)
        study.accept(number, varied, str(number))
        yield number, varied


def trained(study: Study, number: int, configuration: Configuration) -> int:
    """The place of its budget at which the trial ended: the last one, or where it was pruned."""
    return next(
        place
        for place in range(1, PLACES + 1)
        if study.report(number, place, value(configuration, place / PLACES)) or place == PLACES
    )
