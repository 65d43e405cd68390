"""What a sweep left behind in its folder: its runs, their points, and what MLflow has of both."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlab.sweep.folder import TABLE
from rnnlab.tracking.base import RUN_ID_TAG
from rnnlab.tracking.entries import read_log
from rnnlab.tracking.folder import SWEEPS, RunFolder

STORE = "mlflow.db"
Point = tuple[str, int]
"""(key, step) of a number that was logged."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """table: of the sweep, as it was written. weights: run -> sha256 of the weights, of those that are complete.

    repeated   points that a run's log, or MLflow, has more often than once, and runs that MLflow has twice
    children   runs in MLflow below the sweep's own
    missing    points of the runs' logs that MLflow has not got
    running    runs that MLflow takes for unfinished, the sweep's own among them
    """

    table: bytes
    weights: dict[str, str]
    repeated: int
    children: int
    missing: int
    running: int


def run_folders(place: Path) -> list[RunFolder]:
    """Those of all runs below ``place``; none before the first run begins."""
    runs = place / "runs"
    return [RunFolder(path) for path in runs.iterdir() if path.name != SWEEPS] if runs.is_dir() else []


def left_behind(place: Path) -> LeftBehind:
    """Look at a sweep that has ended."""
    from mlflow import MlflowClient
    from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID

    client = MlflowClient(f"sqlite:///{place / STORE}")
    stored = client.search_runs([each.experiment_id for each in client.search_experiments()], max_results=10_000)
    children = [run for run in stored if MLFLOW_PARENT_RUN_ID in run.data.tags]
    folders = {folder.id: folder for folder in run_folders(place)}
    logged = {name: logged_points(folder) for name, folder in folders.items()}
    in_store = {run.data.tags[RUN_ID_TAG]: stored_points(client, run) for run in children}
    results = {name: folder.result() or {} for name, folder in folders.items()}
    (table,) = (place / "runs" / SWEEPS).glob(f"*/{TABLE}")
    return LeftBehind(
        table=table.read_bytes(),
        weights={name: each["weights_sha256"] for name, each in results.items() if each.get("state") == "complete"},
        repeated=sum(map(doubles, [*logged.values(), *in_store.values()])) + len(children) - len(in_store),
        children=len(children),
        missing=sum(len(points.keys() - in_store.get(name, {}).keys()) for name, points in logged.items()),
        running=sum(run.info.status == "RUNNING" for run in stored),
    )


def logged_points(folder: RunFolder) -> Counter[Point]:
    """How often a run's own log has each of its points."""
    metrics = [entry for entry in read_log(folder) if entry["kind"] == "metric"]
    return Counter((key, entry["step"]) for entry in metrics for key in entry["values"])


def stored_points(client: Any, run: Any) -> Counter[Point]:
    """The same for a run in MLflow."""
    histories = (client.get_metric_history(run.info.run_id, key) for key in run.data.metrics)
    return Counter((point.key, point.step) for history in histories for point in history)


def doubles(points: Counter[Point]) -> int:
    return points.total() - len(points)
