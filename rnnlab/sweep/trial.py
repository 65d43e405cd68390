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


def sweep_id(content: dict[str, Any]) -> str:
    """The name of a sweep: 8 hex digits."""
    return short_hash(content, 8)


def run_id(sweep: str, trial_hash: str, seed: int) -> str:
    """The name of a run's folder: 12 hex digits, for a hundred thousand runs in one folder must all differ."""
    return short_hash({"sweep": sweep, "trial": trial_hash, "seed": seed}, 12)


def make_run(sweep: str, trial: Trial, seed: int) -> Run:
    """The run of a trial with a seed."""
    return Run(run_id(sweep, trial.hash, seed), trial, seed)


def short_hash(content: Any, digits: int) -> str:
    """The first hex digits of the sha256 of plain values, whatever the order of their keys."""
    canonical = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:digits]
