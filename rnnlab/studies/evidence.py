"""What a sweep's runs left behind, as a study asks for it: by option and seed, at the start and once trained."""

from __future__ import annotations

from enum import StrEnum
from itertools import product
from pathlib import Path
from typing import Any

from rnnlab.analysis.sweep_runs import COMPLETE, WAITING, SweepRun
from rnnlab.analysis.sweeps import SweepRecord
from rnnlab.analysis.tables import Table, read_table, table_steps
from rnnlab.errors import RequestError, WorkError
from rnnlab.tracking.folder import RunFolder

NAMED = 8
"""Runs that a sentence names; of more, the number is given."""


class When(StrEnum):
    """A moment of a run: before its first update, or after its last one."""

    init = "at initialisation"
    trained = "after training"


class Evidence:
    """The runs of a sweep and their tables. Tables that cannot be read are left out, and ``troubles`` names them."""

    def __init__(self, sweep: SweepRecord, key: str) -> None:
        self.sweep = sweep
        self.key = key
        self.troubles: list[str] = []
        self._tables: dict[tuple[str, str, int], Table | None] = {}
        self._steps: dict[tuple[str, str], dict[int, Path]] = {}
        self._configs: dict[str, dict[str, Any]] = {}

    @property
    def begun(self) -> list[SweepRun]:
        """The runs that have begun."""
        return [run for run in self.sweep.runs if run.state != WAITING]

    @property
    def options(self) -> dict[str, list[SweepRun]]:
        """The runs that have begun by option of ``key``, in the order in which the sweep lists them."""
        found: dict[str, list[SweepRun]] = {option: [] for option in self.sweep.space.get(self.key, ())}
        for run in self.begun:
            found.setdefault(self.setting(run, self.key), []).append(run)
        return {option: runs for option, runs in found.items() if runs}

    def complete(self, runs: list[SweepRun]) -> list[SweepRun]:
        """Those that came to the end of their budget."""
        return [run for run in runs if run.state == COMPLETE]

    def folder(self, run: SweepRun) -> RunFolder:
        """Where a run lies: beside ``sweeps/``."""
        return RunFolder(self.sweep.folder.path.parent.parent / run.id)

    def setting(self, run: SweepRun, key: str) -> str:
        """A setting of a run: as the sweep varied it, as its command said, or as its configuration has it; or ""."""
        words = dict(word.split("=", 1) for word in run.overrides if "=" in word)
        if run.varied and key in run.varied:
            return run.varied[key]
        return words.get(key) or self._configured(run, key)

    def tables(self, run: SweepRun, name: str) -> list[Table]:
        """All that a run has of a table, by step, the unreadable ones left out."""
        found = (self._table(run, name, step) for step in self._files(run, name))
        return [table for table in found if table is not None and len(table)]

    def table(self, run: SweepRun, name: str, when: When) -> Table | None:
        """A run's table at its step 0, or the last one of a run that is complete."""
        steps = list(self._files(run, name))
        if when is When.init:
            step = 0 if 0 in steps else None
        else:
            step = steps[-1] if run.state == COMPLETE and steps and steps[-1] > 0 else None
        table = None if step is None else self._table(run, name, step)
        return table if table is not None and len(table) else None

    def missing(self, tables: tuple[str, ...]) -> list[str]:
        """What is not there yet, in sentences: runs, and tables of runs that have ended."""
        return [*self._missing_runs(), *(line for name in tables for line in self._missing_tables(name))]

    def _files(self, run: SweepRun, name: str) -> dict[int, Path]:
        place = run.id, name
        if place not in self._steps:
            self._steps[place] = table_steps(self.folder(run), name)
        return self._steps[place]

    def _table(self, run: SweepRun, name: str, step: int) -> Table | None:
        place = run.id, name, step
        if place not in self._tables:
            self._tables[place] = self._read(run, name, step)
        return self._tables[place]

    def _read(self, run: SweepRun, name: str, step: int) -> Table | None:
        try:
            return read_table(self._files(run, name)[step], name)
        except WorkError as error:
            self.troubles.append(str(error))
            return None

    def _missing_runs(self) -> list[str]:
        ended = {_words(run.varied or {}, run.seed) for run in self.sweep.runs if run.state == COMPLETE}
        states = {_words(run.varied or {}, run.seed): run.state for run in self.begun}
        absent = [f"{words} ({states.get(words, WAITING)})" for words in self._wanted() if words not in ended]
        return [f"Without a complete run: {_listed(absent)}."] if absent else []

    def _wanted(self) -> list[str]:
        """All runs that a grid has; of other sweeps, those that have begun."""
        lists = self.sweep.space
        if self.sweep.sampler != "grid" or self.sweep.constraints:
            return [_words(run.varied or {}, run.seed) for run in self.begun]
        combinations = (dict(zip(lists, values, strict=True)) for values in product(*lists.values()))
        return [_words(varied, seed) for varied in combinations for seed in self.sweep.seeds]

    def _missing_tables(self, name: str) -> list[str]:
        lines = []
        for when in When:
            runs = self.begun if when is When.init else self.complete(self.begun)
            without = [_words(run.varied or {}, run.seed) for run in runs if self.table(run, name, when) is None]
            if without:
                lines.append(f"No {name} table {when}: {_listed(without)}. The setting probe writes it.")
        return lines

    def _configured(self, run: SweepRun, key: str) -> str:
        if run.id not in self._configs:
            try:
                self._configs[run.id] = self.folder(run).config()
            except (RequestError, WorkError):
                self._configs[run.id] = {}
        value: Any = self._configs[run.id]
        for word in key.split("."):
            value = value.get(word) if isinstance(value, dict) else None
        if isinstance(value, dict):
            value = value.get("name")
        return "" if value is None else str(value)


def _words(varied: dict[str, str], seed: str | None) -> str:
    return " ".join([*(f"{key}={value}" for key, value in varied.items()), f"seed={seed}"])


def _listed(words: list[str]) -> str:
    more = f" and {len(words) - NAMED} more" if len(words) > NAMED else ""
    return f"{', '.join(words[:NAMED])}{more}"
