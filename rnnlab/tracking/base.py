"""What a tracking store must be able to do, and how tracking is configured.

A run writes its own log (``log.py``); a ``Sender`` carries the lines of that log to a ``Store``.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnlab.config.schema import ComponentConfig, aside, require
from rnnlab.errors import RequestError, WorkError
from rnnlab.tracking.folder import RunFolder

if TYPE_CHECKING:
    from rnnlab.tracking.sender import Sender

DEFAULT_URI = "sqlite:///mlflow.db"
RUN_ID_TAG = "rnnlab.run_id"
_SCHEMES = ("sqlite", "http", "https", "postgresql", "mysql", "mssql")


class StoreAway(WorkError):
    """The store cannot be reached now; the same call may succeed later."""


class StoreRefused(WorkError):
    """The store is there and refuses this run's line; other runs are not concerned."""


class ParentAbsent(StoreRefused):
    """The run's parent has not reached the store yet."""


class RunUnknown(StoreRefused):
    """The store has no run of this id (its database was removed): all must be delivered anew."""


class Point(NamedTuple):
    """One measured number. ``time`` in milliseconds since 1970."""

    key: str
    value: float
    step: int
    time: int


class Store(ABC):
    """Where runs are collected and looked at. Every method may be called twice with the same effect.

    All of them raise ``StoreAway`` or ``StoreRefused`` where the line was not taken.
    """

    identity: str
    """Tells one store from another: what was delivered to one is not yet in the other."""

    @abstractmethod
    def create_run(self, start: Mapping[str, Any]) -> str:
        """The store's own id of the run that this start line describes; made if it is not there."""

    @abstractmethod
    def resume(self, run: str) -> None:
        """Mark the run as running again."""

    @abstractmethod
    def metrics(self, run: str, points: Sequence[Point]) -> None:
        """Add points; a point that is there already, time included, is not doubled."""

    @abstractmethod
    def tags(self, run: str, tags: Mapping[str, str]) -> None:
        """Set tags, replacing older values."""

    @abstractmethod
    def file(self, run: str, path: Path, artifact_path: str) -> None:
        """Keep a copy of the file in the run's folder ``artifact_path`` (empty: at the top)."""

    @abstractmethod
    def finish(self, run: str, status: str, time: int) -> None:
        """Mark the run as ended at ``time`` (ms) with FINISHED, FAILED or KILLED."""


class StoreKind(str, Enum):
    """Where points go beside the run's own folder."""

    mlflow = "mlflow"
    none = "none"


class Tracking:
    """Chooses the store and makes the sender that feeds it."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """None of these can change a result, so none belongs to a trial's identity."""

        store: StoreKind = aside(StoreKind.mlflow)
        uri: str | None = aside(None)
        """MLflow's tracking URI; None takes $MLFLOW_TRACKING_URI, else mlflow.db in the working directory."""
        experiment: str = aside("rnnlab")
        """The name in MLflow under which runs are collected."""
        wait_seconds: float = aside(60.0)
        """How long the end of a run waits for a store that is away, in seconds, at least 0."""

        def __post_init__(self) -> None:
            wait = self.wait_seconds
            require(wait >= 0, "tracking.wait_seconds", wait, "it must be at least 0")
            require(bool(self.experiment.strip()), "tracking.experiment", self.experiment, "it needs a name")
            if self.uri is not None:
                check_uri(self.uri, "tracking.uri")

    def __init__(self, config: Tracking.Config) -> None:
        self.config = config

    @property
    def uri(self) -> str:
        """The store in use; the path in an sqlite URI is absolute. ``RequestError`` for an unknown kind."""
        return store_uri(self.config.uri)

    def store_factory(self) -> Callable[[], Store] | None:
        """Opens the store in whichever thread calls it; None where only the run's folder is written."""
        if self.config.store is StoreKind.none:
            return None
        uri = self.uri

        def open_store() -> Store:
            from rnnlab.tracking.mlflow import MlflowStore

            return MlflowStore(uri)

        return open_store

    def sender(self, folders: Iterable[RunFolder] = ()) -> Sender | None:
        """A running sender for these folders; None where only the run's folder is written."""
        from rnnlab.tracking.sender import Sender

        factory = self.store_factory()
        return None if factory is None else Sender(factory, folders)


def store_uri(configured: str | None = None) -> str:
    """The tracking URI in use: configured, else $MLFLOW_TRACKING_URI, else mlflow.db here."""
    from_environment = os.environ.get("MLFLOW_TRACKING_URI")
    if configured is not None:
        where, uri = "tracking.uri", configured
    elif from_environment:
        where, uri = "MLFLOW_TRACKING_URI", from_environment
    else:
        where, uri = "default", DEFAULT_URI
    check_uri(uri, where)
    path = sqlite_path(uri)
    return f"sqlite:///{path}" if path is not None else uri


def sqlite_path(uri: str) -> Path | None:
    """The absolute path of the database file behind an sqlite URI; None for any other store."""
    prefix = "sqlite:///"
    return Path(uri.removeprefix(prefix)).absolute() if uri.startswith(prefix) else None


def check_uri(uri: str, where: str) -> None:
    """``RequestError`` where MLflow could not take this URI as a store."""
    scheme = uri.split("://", 1)[0].split("+", 1)[0] if "://" in uri else ""
    if scheme not in _SCHEMES:
        possible = ", ".join(f"{name}://" for name in _SCHEMES)
        raise RequestError(f"{where} = {uri!r}: a store is one of {possible} (for a file: {DEFAULT_URI})")
