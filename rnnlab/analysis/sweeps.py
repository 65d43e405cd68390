"""What a sweep recorded, as the reading side sees it: its trials and their runs, best first.

Everything is read from the folders, so a sweep can be looked at while it runs, years later, or on
another machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rnnlab.analysis.sweep_runs import CURVES, NOT_ENDED, WAITING, SweepRun, read_run
from rnnlab.analysis.timeline import Span, sittings
from rnnlab.analysis.trials import Objective, SweepTrial, counted, make_trials
from rnnlab.tracking.entries import read_log
from rnnlab.tracking.folder import RunFolder

SWEEP = "sweep.json"
WINNER = "winner.json"
UNENDED = ("running", "unfinished", "interrupted")


@dataclass(frozen=True, slots=True)
class Winner:
    """The run whose weights were tested at the end. metrics: those of the test part; command: what trains it again."""

    run_id: str
    metrics: dict[str, float]
    command: str


@dataclass(frozen=True)
class SweepRecord:
    """A sweep.

    objectives  at least one; trials are ranked by the first
    blocks      keys whose combinations got the same draws of everything else; the first is what is compared
    runs        those known so far; once the sweep has ended, those that began
    starts      when each sitting of it began, seconds since 1970
    study       what it was made to tell, a name of ``rnnlab.studies``
    """

    id: str
    folder: RunFolder
    arguments: tuple[str, ...]
    space: dict[str, list[str]]
    seeds: tuple[str, ...]
    sampler: str
    pruner: str
    constraints: tuple[str, ...]
    blocks: tuple[str, ...]
    objectives: tuple[Objective, ...]
    state: str
    runs: tuple[SweepRun, ...]
    starts: tuple[float, ...]
    winner: Winner | None
    study: str | None = None

    @property
    def metric(self) -> str:
        """What trials are ranked by."""
        return self.objectives[0].key

    @property
    def minimize(self) -> bool:
        """Whether lower is better."""
        return self.objectives[0].minimize

    @property
    def data(self) -> str:
        """``data=digits``, where the command line said so."""
        return next((word for word in reversed(self.arguments) if word.startswith("data=")), "")

    @cached_property
    def trials(self) -> list[SweepTrial]:
        """The configurations that were begun, best first; those without a value last."""
        return make_trials(self.runs, self.objectives)

    @cached_property
    def ranked(self) -> list[SweepTrial]:
        """The trials that have a value."""
        return [trial for trial in self.trials if trial.interval is not None]

    @property
    def has_intervals(self) -> bool:
        """Whether some trial has two complete runs or more."""
        return any(len(trial.values) > 1 for trial in self.ranked)

    @cached_property
    def varying(self) -> list[str]:
        """The searched parameters that take more than one value among the trials."""
        keys = dict.fromkeys(key for trial in self.trials for key in trial.varied)
        return [key for key in keys if len({trial.varied.get(key) for trial in self.trials}) > 1]

    @property
    def states(self) -> str:
        """``5 complete, 1 waiting``."""
        return counted(run.state for run in self.runs)

    @property
    def missing(self) -> int:
        """How many of the known runs have not ended."""
        return sum(run.state in NOT_ENDED for run in self.runs)

    @property
    def curve_key(self) -> str | None:
        """What learning curves show: the metric if it was measured while training, else a loss, else None."""
        keys = (self.metric, *CURVES)
        return next((key for key in keys if any(len(run.curves.get(key, ())) > 1 for run in self.runs)), None)

    @cached_property
    def sittings(self) -> list[list[Span]]:
        """All that ran and when, parted where the sweep was started again."""
        return sittings([span for run in self.runs for span in run.spans], self.starts)


def read_sweep(folder: RunFolder) -> SweepRecord:
    """Read a sweep's folder and those of its runs, which lie beside ``sweeps/``.

    RequestError where this is no sweep's folder, WorkError where a file of it is damaged.
    """
    described = folder.read_json(SWEEP)
    objectives = _objectives(described)
    root, keys = folder.path.parent.parent, (objectives[0].key, *CURVES)
    state = _state(folder)
    runs = [read_run(RunFolder(root / id), described["space"], keys) for id in described["runs"]]
    return SweepRecord(
        id=folder.id,
        folder=folder,
        arguments=tuple(described["arguments"]),
        space=dict(described["space"]),
        seeds=tuple(map(str, described["seeds"])),
        sampler=described["sampler"],
        pruner=described.get("pruner", "none"),
        constraints=tuple(described.get("constraints", ())),
        blocks=tuple(described.get("blocks", ())),
        objectives=objectives,
        state=state,
        runs=tuple(run for run in runs if state in UNENDED or run.state != WAITING),
        starts=tuple(entry["time"] / 1000 for entry in read_log(folder) if entry["kind"] in ("start", "resume")),
        winner=_winner(folder),
        study=described.get("study"),
    )


def _objectives(described: dict[str, Any]) -> tuple[Objective, ...]:
    """Sweeps of earlier versions have one objective, under two keys of its own."""
    pairs = described.get("objectives") or [(described["metric"], described["direction"])]
    return tuple(Objective(key, direction == "minimize") for key, direction in pairs)


def _winner(folder: RunFolder) -> Winner | None:
    if not (folder.path / WINNER).exists():
        return None
    found = folder.read_json(WINNER)
    return Winner(found["run_id"], found["metrics"], found["command"])


def _state(folder: RunFolder) -> str:
    result = folder.result()
    if result is None:
        return "running" if folder.is_locked() else "unfinished"
    return str(result["state"])
