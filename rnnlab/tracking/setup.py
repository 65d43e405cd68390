"""How tracking is configured: which store, and the sender that feeds it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum

from rnnlab.config.schema import ComponentConfig, aside, require
from rnnlab.tracking.base import Store, check_uri, store_uri
from rnnlab.tracking.folder import RunFolder
from rnnlab.tracking.mlflow import MlflowStore
from rnnlab.tracking.sender import Sender
from rnnlab.tracking.tensorboard import check_installed


class StoreKind(str, Enum):
    """Where points go beside the run's own folder."""

    mlflow = "mlflow"
    none = "none"


class Tracking:
    """Chooses the store and makes the sender that feeds it. RequestError where what it needs is not installed."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """None of these can change a result, so none belongs to a trial's identity."""

        store: StoreKind = aside(StoreKind.mlflow)
        uri: str | None = aside(None)
        """MLflow's tracking URI; None takes $MLFLOW_TRACKING_URI, else mlflow.db in the working directory."""
        tensorboard: bool = aside(False)
        """Whether TensorBoard's event files are written too, into ``tensorboard/`` of the run's folder."""
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
        if config.tensorboard:
            check_installed()
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
            return MlflowStore(uri)

        return open_store

    def sender(self, folders: Iterable[RunFolder] = ()) -> Sender | None:
        """A running sender for these folders; None where nothing follows their logs."""
        factory, tensorboard = self.store_factory(), self.config.tensorboard
        return Sender(factory, folders, tensorboard) if factory is not None or tensorboard else None
