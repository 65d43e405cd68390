"""Which store is in use, and which URIs are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rnnlab.config.schema import identity
from rnnlab.errors import RequestError
from rnnlab.tracking.base import store_uri
from rnnlab.tracking.setup import StoreKind, Tracking


def test_the_default_store_is_a_file_in_the_working_directory(workspace: Path) -> None:
    assert store_uri() == f"sqlite:///{workspace}/mlflow.db"


def test_the_configured_store_comes_before_the_environment(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5000")
    assert store_uri() == "http://127.0.0.1:5000"
    assert store_uri("sqlite:////data/x.db") == "sqlite:////data/x.db"


@pytest.mark.parametrize("uri", ["mlruns", "ftp://host", "sqlite", ""])
def test_a_uri_that_is_no_store_is_refused(uri: str) -> None:
    with pytest.raises(RequestError, match="tracking.uri = .*http://") as caught:
        Tracking.Config(uri=uri)
    assert "\n" not in str(caught.value)


def test_the_environment_is_named_where_it_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "nowhere")
    with pytest.raises(RequestError, match="MLFLOW_TRACKING_URI = 'nowhere'"):
        store_uri()


@pytest.mark.parametrize("wrong", [{"wait_seconds": -1.0}, {"experiment": " "}])
def test_ranges(wrong: dict[str, object]) -> None:
    with pytest.raises(RequestError, match=f"tracking.{next(iter(wrong))}"):
        Tracking.Config(**wrong)  # type: ignore[arg-type]


def test_tracking_is_no_part_of_a_trial() -> None:
    assert identity(Tracking.Config()) == {"name": ""}


def test_without_a_store_there_is_no_sender(workspace: Path) -> None:
    assert Tracking(Tracking.Config(store=StoreKind.none)).sender() is None
