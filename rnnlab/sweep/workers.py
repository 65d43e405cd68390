"""The process of one slot: it imports what runs need once, then trains one run after another."""

from __future__ import annotations

import importlib
import os
import sys
import threading
import time
from dataclasses import dataclass

from rnnlab.sweep.work import Assignment, Outcome, Work, perform

EXCHANGE_SECONDS = 0.25
"""How often driver and run hear of each other."""

WARM = ("torch", "pytorch_lightning", "rnnlab.train", "rnnlab.config.compose")
"""What every run needs and takes seconds to import."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker process takes over from the driver, so that both see the same files and modules.

    imports  modules to load before the first run, so that no run pays for them
    """

    directory: str
    path: tuple[str, ...]
    environment: dict[str, str]
    imports: tuple[str, ...]


def setup_here(gpus: float, imports: tuple[str, ...]) -> Setup:
    """The ``Setup`` of workers of this process. Without a GPU of their own they see none."""
    environment = {key: value for key, value in os.environ.items() if key.startswith(("RNNLAB_", "MLFLOW_"))}
    if gpus == 0:
        environment["CUDA_VISIBLE_DEVICES"] = ""
    return Setup(os.getcwd(), tuple(sys.path), environment, imports)


class Worker:
    """One slot's process. ``run`` and ``exchange`` are called from two different threads."""

    def __init__(self, setup: Setup) -> None:
        os.chdir(setup.directory)
        os.environ.update(setup.environment)
        sys.path.extend(folder for folder in setup.path if folder not in sys.path)
        for module in setup.imports:
            importlib.import_module(module)
        self._lock = threading.Lock()
        self._run_id = ""
        self._reports: list[tuple[str, int, float]] = []
        self._answer = "continue"

    def ready(self) -> None:
        """Returns when everything is imported."""

    def run(self, assignment: Assignment, work: Work) -> Outcome:
        """Train one run to its end."""
        with self._lock:
            self._run_id, self._answer = assignment.run_id, "continue"
        return perform(assignment, self, work)

    def heartbeat(self, step: int) -> str:
        """The run's side of the exchange: the latest answer."""
        with self._lock:
            return self._answer

    def report(self, step: int, value: float) -> str:
        """Leaves a message for the driver, and takes the latest answer: a run waits for nobody."""
        with self._lock:
            self._reports.append((self._run_id, step, value))
            return self._answer

    def exchange(self, run_id: str, answer: str) -> list[tuple[str, int, float]]:
        """The driver's side: an answer for this run, and a little later what was reported since."""
        with self._lock:
            if run_id == self._run_id:
                self._answer = answer
        time.sleep(EXCHANGE_SECONDS)
        with self._lock:
            reports, self._reports = self._reports, []
        return reports
