"""Open the MLflow dashboard of the store in use, on 127.0.0.1."""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

from rnnlab.cli.console import Console, Outcome
from rnnlab.errors import RequestError, WorkError

EXAMPLES = ["rnnlab ui", "rnnlab ui --port 5001", "rnnlab ui --store sqlite:///other/mlflow.db"]

HOST = "127.0.0.1"
PORT = 5000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, help=f"default: {PORT}, or any free one where that is taken")
    parser.add_argument("--store", metavar="URI", help="default: $MLFLOW_TRACKING_URI, else mlflow.db here")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.tracking.base import sqlite_path, store_uri

    store = store_uri(arguments.store)
    if store.startswith(("http://", "https://")):
        console.say(f"the store is a server with a dashboard of its own: {store}")
        return Outcome({"url": store, "store": store})
    path = sqlite_path(store)
    if path is not None and not path.exists():
        raise RequestError(f"{path}: no such store; a run makes it (rnnlab train), --store URI names another")
    port = _free_port(arguments.port)
    answer = {"url": f"http://{HOST}:{port}", "store": store}
    _serve(answer, port, console)
    if console.json:
        # The object was printed when the dashboard came up: there is no second one to print.
        sys.exit(0)
    return Outcome(answer)


def _free_port(wanted: int | None) -> int:
    """The port asked for, or the usual one if it is free, or any. ``RequestError`` for one that is taken."""
    for port in (wanted or PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except (OSError, OverflowError) as error:
                if wanted is not None:
                    raise RequestError(f"--port {wanted}: cannot be used on {HOST}: {error}") from error
                continue
            return int(probe.getsockname()[1])
    raise WorkError(f"{HOST}: no port is free")


def _serve(answer: dict[str, str], port: int, console: Console) -> None:
    """Run MLflow's own server until it ends or Ctrl-C; say where it is once it answers."""
    command = [sys.executable, "-m", "mlflow", "ui", "--backend-store-uri", answer["store"]]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "GIT_PYTHON_REFRESH": "quiet"}
    server = subprocess.Popen(
        [*command, "--host", HOST, "--port", str(port), "--workers", "1"],
        env={**quiet, **os.environ},
        stdout=sys.stderr,
    )
    try:
        _wait_until_up(server, answer["url"])
        console.say(f"dashboard of {answer['store']}: {answer['url']} (Ctrl-C ends it)")
        if console.json:
            print(json.dumps(answer), flush=True)
        code = server.wait()
        if code > 0:
            raise WorkError(f"the dashboard ended with exit code {code}; its own lines are above")
    except KeyboardInterrupt:
        console.say("dashboard closed")
    finally:
        server.terminate()
        server.wait()


def _wait_until_up(server: subprocess.Popen[bytes], url: str) -> None:
    """Come back when the server answers, or has ended."""
    while server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
