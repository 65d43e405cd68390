"""What every trial leaves behind, whoever ran it: when it trained. All times are seconds since 1970."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import NamedTuple

FILE = "RNNLAB_BENCH_TRIALS"
"""The environment variable that names the file with a line for each trial."""


class Trained(NamedTuple):
    """trial: what tells it from the others. began: its first training step. ended: all that belongs to it
    was over. seconds: of training steps.
    """

    trial: str
    began: float
    ended: float
    seconds: float


def leave(trial: object, began: float, trained: float) -> None:
    """For the end of a trial: its training steps lay between ``began`` and ``trained``."""
    line = json.dumps(Trained(str(trial), began, time.time(), trained - began))
    with open(os.environ[FILE], "a", encoding="utf-8") as file:  # one write each: lines of two processes do not mix
        file.write(f"{line}\n")


def read(path: Path) -> list[Trained]:
    """The lines that were left in this file."""
    if not path.exists():
        return []
    return [Trained(*json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]
