"""What a tracking store must be able to do, and where it is.

A run writes its own log (``log.py``); a ``Sender`` carries the lines of that log to a ``Store``.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from rnnlab.errors import RequestError, WorkError

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
