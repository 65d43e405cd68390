"""``rnnlab ui``: which store it opens, and the dashboard itself."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnlab.tracking.mlflow import MlflowStore

CHECKOUT = Path(__file__).parents[2]


def test_a_missing_store_is_named(workspace: Path, cli: Callable[..., Any]) -> None:
    answer = cli("ui")
    assert answer.exit_code == 2
    assert f"{workspace}/mlflow.db: no such store" in answer.stderr
    assert answer.stderr.count("\n") == 1
    assert not list(workspace.iterdir())


def test_a_server_has_a_dashboard_of_its_own(cli: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:5999")
    assert cli("ui", "--json").data == {"url": "http://127.0.0.1:5999", "store": "http://127.0.0.1:5999"}


def test_a_port_that_is_taken_is_named(workspace: Path, cli: Callable[..., Any]) -> None:
    (workspace / "mlflow.db").touch()
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        answer = cli("ui", "--port", str(port))
    assert answer.exit_code == 2
    assert f"--port {port}: cannot be used" in answer.stderr


@pytest.mark.slow
def test_the_dashboard_answers_and_ends_with_ctrl_c(workspace: Path) -> None:
    MlflowStore(f"sqlite:///{workspace}/mlflow.db")
    code = "import sys; from rnnlab.cli import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", code, "ui", "--json"],
        cwd=workspace,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        answer = json.loads(process.stdout.readline())
        with urllib.request.urlopen(answer["url"], timeout=20) as page:
            assert b"MLflow" in page.read()
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(30) == 0
        assert process.stdout.read() == ""
    assert answer["store"] == f"sqlite:///{workspace}/mlflow.db"
