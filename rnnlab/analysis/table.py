"""Runs as a plain table: one dictionary for each run, and one for each group of runs that differ in seed only."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rnnlab.analysis.compare import flatten
from rnnlab.analysis.statistics import mean_interval
from rnnlab.tracking.atomic import write_atomically
from rnnlab.tracking.folder import RunFolder

Row = dict[str, Any]

SEED = "seed"
# Where a run lay and what was logged, not what was computed.
_ASIDE = ("run_name", "threads", "device", "tracking", "sweep", "plugins")


def run_rows(runs: Sequence[RunFolder]) -> list[Row]:
    """One row for each run: ``run`` (its id), ``state``, the settings that vary among them, its metrics.

    A run that is not done has the state ``unfinished`` and no metrics. A setting or metric that one
    run lacks is missing from its row; ``columns`` gives the union.
    """
    configs = [_settings(run) for run in runs]
    varying = _varying(configs)
    rows = []
    for run, config in zip(runs, configs, strict=True):
        result = run.result()
        row: Row = {"run": run.id, "state": "unfinished" if result is None else result["state"]}
        row |= {key: config[key] for key in varying if key in config}
        row |= {} if result is None else result["metrics"]
        rows.append(row)
    return rows


def group_rows(rows: Iterable[Row], by: Sequence[str], metric: str, confidence: float = 0.95) -> list[Row]:
    """The metric's mean over the runs of each group, with its t-interval, in the order of appearance.

    Each row holds the values of ``by``, then ``runs``, ``mean``, ``low`` and ``high`` (NaN for one run
    alone). Runs without the metric are left out.
    """
    groups: dict[tuple[Any, ...], list[float]] = {}
    for row in rows:
        if metric in row:
            groups.setdefault(tuple(row.get(key) for key in by), []).append(row[metric])
    summary = []
    for values, measured in groups.items():
        interval = mean_interval(measured, confidence)
        figures = {"runs": interval.n, "mean": interval.estimate, "low": interval.low, "high": interval.high}
        summary.append(dict(zip(by, values, strict=True)) | figures)
    return summary


def columns(rows: Iterable[Row]) -> list[str]:
    """The keys of all rows, each once, in the order of their first appearance."""
    return list(dict.fromkeys(key for row in rows for key in row))


def to_csv(rows: Sequence[Row]) -> str:
    """The table as CSV; numbers with all their digits, an empty field where a row lacks a key."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns(rows), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def write_csv(path: Path, rows: Sequence[Row]) -> None:
    """Write the table to a file, atomically. ``WorkError`` where the disk refuses."""
    write_atomically(path, to_csv(rows).encode())


def _settings(run: RunFolder) -> dict[str, Any]:
    return flatten({key: value for key, value in run.config().items() if key not in _ASIDE})


def _varying(configs: Sequence[dict[str, Any]]) -> list[str]:
    """The settings that not all runs share; the seed last, and always."""
    keys = [
        key
        for key in columns(configs)
        if key != SEED and any(key not in config or config[key] != configs[0].get(key) for config in configs)
    ]
    return [*keys, SEED]
