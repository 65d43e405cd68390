"""MLflow as a store. Its import takes more than a second, so it happens where a store is opened."""

from __future__ import annotations

import fcntl
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.tracking.base import (
    RUN_ID_TAG,
    ParentAbsent,
    Point,
    RunUnknown,
    Store,
    StoreAway,
    StoreRefused,
    sqlite_path,
)

if TYPE_CHECKING:
    from mlflow import MlflowClient

# MLflow's own limits for one log_batch call.
_POINTS_PER_BATCH = 1000
_PARAMS_PER_BATCH = 100
_LONGEST_REASON = 200

_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # stdout belongs to --json
    # The sender tries again by itself; MLflow's own retries would hold it for minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}
_REFUSALS = ("INVALID_PARAMETER_VALUE", "INVALID_STATE", "BAD_REQUEST", "PERMISSION_DENIED")


class MlflowStore(Store):
    """One MLflow tracking store, sqlite file or server, reached through MLflow's client.

    Several processes may open a fresh sqlite store at once: the first one creates its tables while
    the others wait (MLflow itself does not survive that: each process migrates the schema).
    """

    def __init__(self, uri: str) -> None:
        self.identity = uri
        for name, value in _QUIET.items():
            os.environ.setdefault(name, value)
        with _spoken(), _alone(sqlite_path(uri)):
            from mlflow import MlflowClient

            for name in ("mlflow", "alembic"):
                logging.getLogger(name).setLevel(logging.WARNING)
            self._client: MlflowClient = MlflowClient(tracking_uri=uri)
            self._client.search_experiments(max_results=1)

    def create_run(self, start: Mapping[str, Any]) -> str:
        from mlflow.entities import Param
        from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID, MLFLOW_SOURCE_NAME

        with _spoken():
            experiment = self._experiment(start["experiment"])
            run = self._find(experiment, start["run_id"])
            if run is None:
                tags = {**start["tags"], RUN_ID_TAG: start["run_id"], MLFLOW_SOURCE_NAME: "rnnlab"}
                if start["parent"] is not None:
                    tags[MLFLOW_PARENT_RUN_ID] = self._parent(experiment, start)
                created = self._client.create_run(experiment, start["time"], tags, start["name"])
                run = created.info.run_id
            params = [Param(key, value) for key, value in start["params"].items()]
            for first in range(0, len(params), _PARAMS_PER_BATCH):
                self._client.log_batch(run, params=params[first : first + _PARAMS_PER_BATCH])
        return run

    def resume(self, run: str) -> None:
        with _spoken():
            self._client.update_run(run, status="RUNNING")

    def metrics(self, run: str, points: Sequence[Point]) -> None:
        from mlflow.entities import Metric

        entities = [Metric(point.key, point.value, point.time, point.step) for point in points]
        with _spoken():
            for first in range(0, len(entities), _POINTS_PER_BATCH):
                self._client.log_batch(run, metrics=entities[first : first + _POINTS_PER_BATCH])

    def tags(self, run: str, tags: Mapping[str, str]) -> None:
        from mlflow.entities import RunTag

        entities = [RunTag(key, value) for key, value in tags.items()]
        with _spoken():
            for first in range(0, len(entities), _PARAMS_PER_BATCH):
                self._client.log_batch(run, tags=entities[first : first + _PARAMS_PER_BATCH])

    def file(self, run: str, path: Path, artifact_path: str) -> None:
        with _spoken():
            self._client.log_artifact(run, str(path), artifact_path or None)

    def finish(self, run: str, status: str, time: int) -> None:
        with _spoken():
            self._client.set_terminated(run, status, time)

    def _experiment(self, name: str) -> str:
        """The id of the experiment of this name, made if it is not there."""
        found = self._client.get_experiment_by_name(name)
        return self._client.create_experiment(name) if found is None else found.experiment_id

    def _find(self, experiment: str, run_id: str) -> str | None:
        """MLflow's id of our run, if it was created before."""
        query = f"tags.`{RUN_ID_TAG}` = '{run_id}'"
        found = self._client.search_runs([experiment], query, max_results=1)
        return found[0].info.run_id if found else None

    def _parent(self, experiment: str, start: Mapping[str, Any]) -> str:
        parent = self._find(experiment, start["parent"])
        if parent is None:
            raise ParentAbsent(f"run {start['run_id']}: its parent {start['parent']} is not in the store yet")
        return parent


@contextmanager
def _alone(database: Path | None) -> Iterator[None]:
    """Hold other processes back while a store's file is opened and its tables are made."""
    if database is None:
        yield
        return
    database.parent.mkdir(parents=True, exist_ok=True)
    with open(database.with_name(f"{database.name}.lock"), "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _spoken() -> Iterator[None]:
    """Turn what MLflow and the layers under it raise into this package's own errors."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except MlflowException as error:
        line = _one_line(error)
        if error.error_code == "RESOURCE_DOES_NOT_EXIST":
            raise RunUnknown(line) from error
        raise (StoreRefused if error.error_code in _REFUSALS else StoreAway)(line) from error
    except (SQLAlchemyError, OSError) as error:
        raise StoreAway(_one_line(error)) from error


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:_LONGEST_REASON]
