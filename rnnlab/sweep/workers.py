"""What the process of a slot takes over from its driver before its first run."""

from __future__ import annotations

import importlib
import os
import sys
from dataclasses import dataclass

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

    def take_over(self) -> None:
        """In the new process: see what the driver sees, and import what runs need."""
        os.chdir(self.directory)
        os.environ.update(self.environment)
        sys.path.extend(folder for folder in self.path if folder not in sys.path)
        for module in self.imports:
            importlib.import_module(module)


def setup_here(gpus: float, imports: tuple[str, ...]) -> Setup:
    """The ``Setup`` of workers of this process. Without a GPU of their own they see none."""
    environment = {key: value for key, value in os.environ.items() if key.startswith(("RNNLAB_", "MLFLOW_"))}
    if gpus == 0:
        environment["CUDA_VISIBLE_DEVICES"] = ""
    return Setup(os.getcwd(), tuple(sys.path), environment, imports)
