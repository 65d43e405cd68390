"""What a sweep recorded, as the reading side sees it: its trials and their runs, best first.

Everything is read from the folders, so a sweep can be looked at while it runs, years later, or on
another machine.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rnnlab.analysis.sweep_runs import COMPLETE, CURVES, NOT_ENDED, SweepRun, read_run
from rnnlab.analysis.timeline import Span, sittings
from rnnlab.statistics import Interval, mean_interval
from rnnlab.tracking.entries import read_log
from rnnlab.tracking.folder import RunFolder

SWEEP = "sweep.json"


@dataclass(frozen=True, slots=True)
class SweepTrial:
    """One configuration and its runs. values: the metric of each complete run; interval: None without any."""

    number: int
    varied: dict[str, str]
    runs: tuple[SweepRun, ...]
    values: tuple[float, ...]
    interval: Interval | None

    @property
    def title(self) -> str:
        """``cell=lstm stack.depth=2``, or a word where nothing varies but the seed."""
        return " ".join(f"{key}={value}" for key, value in self.varied.items()) or "the one configuration"

    @property
    def states(self) -> str:
        """``2 complete, 1 failed``."""
        return counted(run.state for run in self.runs)

    @property
    def overrides(self) -> tuple[str, ...]:
        """What ``rnnlab train`` is given to train it; empty where no run got far enough to record it."""
        return next((run.overrides for run in self.runs if run.overrides), ())


@dataclass(frozen=True)
class SweepRecord:
    """A sweep. runs: in the order of ``sweep.json``; starts: when each sitting of it began, seconds since 1970."""

    id: str
    folder: RunFolder
    arguments: tuple[str, ...]
    space: dict[str, list[str]]
    seeds: tuple[str, ...]
    sampler: str
    metric: str
    minimize: bool
    state: str
    runs: tuple[SweepRun, ...]
    starts: tuple[float, ...]

    @cached_property
    def trials(self) -> list[SweepTrial]:
        """The configurations that were begun, best first; those without a value last."""
        groups: dict[tuple[tuple[str, str], ...], list[SweepRun]] = {}
        for run in self.runs:
            if run.varied is not None:
                groups.setdefault(tuple(run.varied.items()), []).append(run)
        trials = [self._trial(number, runs) for number, runs in enumerate(groups.values())]
        sign = 1 if self.minimize else -1
        return sorted(trials, key=lambda t: (sign * t.interval.estimate if t.interval else math.inf, t.number))

    @cached_property
    def ranked(self) -> list[SweepTrial]:
        """The trials that have a value."""
        return [trial for trial in self.trials if trial.interval is not None]

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
        """How many runs have not ended."""
        return sum(run.state in NOT_ENDED for run in self.runs)

    @property
    def curve_key(self) -> str | None:
        """What learning curves show: the metric if it was measured while training, else a loss, else None."""
        keys = (self.metric, *CURVES)
        return next((key for key in keys if any(len(run.curves.get(key, ())) > 1 for run in self.runs)), None)

    @property
    def spans(self) -> list[Span]:
        """All that ran, and when."""
        return [span for run in self.runs for span in run.spans]

    @property
    def sittings(self) -> list[list[Span]]:
        """The same, parted where the sweep was started again."""
        return sittings(self.spans, self.starts)

    def value(self, run: SweepRun) -> float | None:
        """The metric of a complete run; None for one that ended otherwise or has none."""
        value = run.metrics.get(self.metric)
        return value if run.state == COMPLETE and value is not None and math.isfinite(value) else None

    def _trial(self, number: int, runs: list[SweepRun]) -> SweepTrial:
        values = tuple(value for run in runs if (value := self.value(run)) is not None)
        interval = mean_interval(values) if values else None
        return SweepTrial(number, runs[0].varied or {}, tuple(runs), values, interval)


def counted(states: Iterable[str]) -> str:
    """``2 complete, 1 failed``."""
    return ", ".join(f"{count} {state}" for state, count in sorted(Counter(states).items()))


def read_sweep(folder: RunFolder) -> SweepRecord:
    """Read a sweep's folder and those of its runs, which lie beside ``sweeps/``.

    RequestError where this is no sweep's folder, WorkError where a file of it is damaged.
    """
    described = folder.read_json(SWEEP)
    root, metric = folder.path.parent.parent, described["metric"]
    runs = tuple(read_run(RunFolder(root / id), described["space"], (metric, *CURVES)) for id in described["runs"])
    starts = tuple(entry["time"] / 1000 for entry in read_log(folder) if entry["kind"] in ("start", "resume"))
    return SweepRecord(
        id=folder.id,
        folder=folder,
        arguments=tuple(described["arguments"]),
        space=dict(described["space"]),
        seeds=tuple(map(str, described["seeds"])),
        sampler=described["sampler"],
        metric=metric,
        minimize=described["direction"] == "minimize",
        state=_state(folder, runs),
        runs=runs,
        starts=starts,
    )


def _state(folder: RunFolder, runs: tuple[SweepRun, ...]) -> str:
    if folder.is_locked():
        return "running"
    if any(run.state in NOT_ENDED for run in runs):
        return "unfinished"
    return str((folder.result() or {}).get("state", "unfinished"))
