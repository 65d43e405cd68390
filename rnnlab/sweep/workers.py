"""What the process of a slot takes over from its driver before its first run."""

from __future__ import annotations

import importlib
import os
import sys
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

WARM = ("torch", "pytorch_lightning", "rnnlab.train", "rnnlab.config.compose")
"""What every run needs and takes seconds to import."""

VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"
_TAKEN_OVER = ("RNNLAB_", "MLFLOW_")


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker process takes over from the driver, so that both see the same files and modules.

    environment  all of the driver's variables that are taken over; others of these names are removed
    imports      modules to load before the first run, so that no run pays for them
    """

    directory: str
    path: tuple[str, ...]
    environment: dict[str, str]
    imports: tuple[str, ...]

    def take_over(self) -> None:
        """In the new process: see what the driver sees, and import what runs need."""
        os.chdir(self.directory)
        for stale in [key for key in os.environ if key.startswith(_TAKEN_OVER)]:
            del os.environ[stale]
        os.environ.update(self.environment)
        sys.path.extend(folder for folder in self.path if folder not in sys.path)
        for module in self.imports:
            importlib.import_module(module)

    def seeing(self, gpus: tuple[str, ...]) -> Setup:
        """The same for a slot that sees these GPUs alone, named as in CUDA_VISIBLE_DEVICES."""
        return replace(self, environment=self.environment | {VISIBLE_GPUS: ",".join(gpus)})


def setup_here(gpus: float, imports: tuple[str, ...]) -> Setup:
    """The ``Setup`` of workers of this process. Without a GPU of their own they see none."""
    environment = {key: value for key, value in os.environ.items() if key.startswith(_TAKEN_OVER)}
    if gpus == 0:
        environment[VISIBLE_GPUS] = ""
    return Setup(os.getcwd(), tuple(sys.path), environment, imports)


def pin(cores: tuple[int, ...]) -> None:
    """Keep all threads of this process on these cores; without cores they stay where they are.

    Threads that are there already, as those of a matrix library, do not follow the first one.
    """
    if not cores:
        return
    for thread in Path("/proc/self/task").iterdir():
        with suppress(ProcessLookupError):  # it ended in the meantime
            os.sched_setaffinity(int(thread.name), cores)
