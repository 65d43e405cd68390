"""What a sweep is made of: trials (configurations without a seed) and runs (a trial with a seed).

Every id is a pure function of what it names, so the same command finds its own runs again.
"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Trial:
    """One configuration.

    number     its place among the sweep's trials, from 0
    varied     its values of the sweep's dimensions: {"cell": "lstm", "stack.depth": "2"}
    overrides  all overrides, without the seed
    hash       sha256 of the fields that can change its result, without the seed
    """

    number: int
    varied: dict[str, str]
    overrides: tuple[str, ...]
    hash: str


@dataclass(frozen=True, slots=True)
class Run:
    """One trial with one seed: a slot's work, a folder of its own, a child run in the tracking store."""

    id: str
    trial: Trial
    seed: int

    @property
    def overrides(self) -> list[str]:
        """What ``rnnlab train`` needs to do exactly this run alone."""
        return [*self.trial.overrides, f"seed={self.seed}"]

    @property
    def title(self) -> str:
        """What tells this run from the others: ``cell=lstm stack.depth=2 seed=1``."""
        return " ".join(f"{key}={value}" for key, value in {**self.trial.varied, "seed": self.seed}.items())


def command_line(overrides: Iterable[str]) -> str:
    """The command that trains this configuration alone, quoted for a shell."""
    return shlex.join(["rnnlab", "train", *overrides])


def sweep_id(
    reference_hash: str, dimensions: dict[str, tuple[str, ...]], sampler: str, metric: str, seed: int | None = None
) -> str:
    """The name of a sweep: 8 hex digits that depend on no order, worker, path or number of trials or seeds.

    reference_hash  the trial hash of ``Space.reference()``: the fixed overrides as they take effect
    seed            what a sampler's draws begin with; None for a grid, which draws nothing
    """
    space = {key: sorted(values) for key, values in dimensions.items()}
    content = {"reference": reference_hash, "space": space, "sampler": sampler, "metric": metric}
    return _short_hash(content if seed is None else {**content, "seed": seed})


def run_id(sweep: str, trial_hash: str, seed: int) -> str:
    """The name of a run's folder: 8 hex digits."""
    return _short_hash({"sweep": sweep, "trial": trial_hash, "seed": seed})


def make_runs(sweep: str, trials: Iterable[Trial], seeds: Iterable[int]) -> list[Run]:
    """All runs, seed by seed, so that the first pass over the trials already shows the whole picture."""
    trials = list(trials)
    return [Run(run_id(sweep, trial.hash, seed), trial, seed) for seed in seeds for trial in trials]


def _short_hash(content: dict[str, Any]) -> str:
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:8]
