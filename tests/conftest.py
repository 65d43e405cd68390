"""What all tests share: a place of their own to run in, and the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

CHECKOUT = Path(__file__).resolve().parent.parent

# Before anything imports torch: several test workers share the cores of one machine.
for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
# Compiling the steps of every cell takes minutes: the tests of compilation allow it for themselves.
os.environ["TORCH_COMPILE_DISABLE"] = "1"
# A suite that was started in the background has Ctrl-C ignored, and so would every process that it starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says how busy the machine is, and nothing about the code.
settings.register_profile("rnnlab", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("rnnlab")


@dataclass(frozen=True)
class Answer:
    """What a command gave back: its exit code and what it wrote."""

    exit_code: int
    stdout: str
    stderr: str

    @property
    def data(self) -> dict[str, Any]:
        """The one object that ``--json`` puts on stdout."""
        return json.loads(self.stdout)


@pytest.fixture(scope="session")
def shared_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cache of prepared data for the whole session, shared by all test workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def workspace(tmp_path: Path, shared_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory with its own runs and tracking store; ``RNNLAB_DATA`` stays as it is."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RNNLAB_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("RNNLAB_CACHE", str(shared_cache))
    for variable in ("MLFLOW_TRACKING_URI", "RNNLAB_PLUGINS"):
        monkeypatch.delenv(variable, raising=False)
    return tmp_path


@pytest.fixture
def raw_data() -> Path:
    """The folder of raw files that stands in for downloads; the test is skipped where there is none."""
    folder = os.environ.get("RNNLAB_DATA")
    if not folder:
        pytest.skip("RNNLAB_DATA names no folder of raw data")
    return Path(folder)


@pytest.fixture
def cli(workspace: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Answer]:
    """Run a command in this process: ``cli("train", "cell=lstm", "--json")``."""

    def run(*arguments: str) -> Answer:
        from rnnlab.cli import main

        capfd.readouterr()
        try:
            code = main(list(arguments))
        except SystemExit as end:
            code = end.code
        written = capfd.readouterr()
        return Answer(int(code or 0), written.out, written.err)

    return run


@pytest.fixture
def rnnlab_process(workspace: Path) -> Callable[..., Answer]:
    """Run a command in a process of its own: for kills, import times, and several at once."""

    def run(*arguments: str, timeout: float = 240, **environment: str) -> Answer:
        done = subprocess.run(
            [sys.executable, "-c", "import sys; from rnnlab.cli import main; sys.exit(main())", *arguments],
            cwd=workspace,
            env=os.environ | {"PYTHONPATH": str(CHECKOUT)} | environment,
            capture_output=True,
            text=True,
            timeout=timeout,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    return run
