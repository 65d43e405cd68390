"""The same 32 trials through rnnlab and through what people use today: wall seconds, start-up included.

Every contender is a process of its own in a fresh folder, one after the other, on the same two slots.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnnlab.bench.contenders.bare import SECONDS
from rnnlab.bench.contenders.grid import EMBEDDING, HIDDEN, RATES, ROWS, SEEDS, SLOTS, WINDOW
from rnnlab.errors import WorkError

NEEDS = {"rnnlab": "ray", "bare": "torch", "script": "mlflow", "hydra_basic": "hydra", "ray_tune": "ray.tune"}
"""Contender -> the package without which it cannot run."""


def sweep(against: list[str], steps: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """A row for rnnlab and for each contender that is installed: wall seconds, and how many of rnnlab's it takes."""
    seconds: dict[str, float] = {}
    for name in ["rnnlab", *against]:
        if importlib.util.find_spec(NEEDS[name]) is None:
            say(f"{name}: left out, {NEEDS[name]} is not installed")
            continue
        seconds[name] = measured(name, steps)
        say(f"{name}: {seconds[name]:.1f} s")
    return [
        {"through": name, "wall_s": wall, "times_rnnlab": wall / seconds["rnnlab"]} for name, wall in seconds.items()
    ]


def measured(name: str, steps: int) -> float:
    """Wall seconds of a contender's process; the bare loops say their own, which leaves out the imports."""
    command = rnnlab_command(steps) if name == "rnnlab" else contender_command(name, steps)
    with tempfile.TemporaryDirectory() as place:
        start = time.perf_counter()
        done = subprocess.run(command, cwd=place, env=environment(place), capture_output=True, text=True)
        wall = time.perf_counter() - start
        if name == "bare" and done.returncode == 0:
            wall = float((Path(place) / SECONDS).read_text(encoding="utf-8"))
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise WorkError(f"bench sweep: {name} ended with exit code {done.returncode}: {last}")
    return wall


def rnnlab_command(steps: int) -> list[str]:
    """The grid as rnnlab's users write it. Validation only at the end: the others have none."""
    space = {"cell.hidden_size": HIDDEN, "optimizer.lr": RATES, "seed": SEEDS}
    return [
        sys.executable, "-m", "rnnlab", "train", "-m",
        *(f"{key}={','.join(map(str, values))}" for key, values in space.items()),
        "cell=lstm", "data=python_source", f"data.batch_size={ROWS}", f"bptt.window={WINDOW}",
        f"embedding.size={EMBEDDING}", "stack.dropout=0", f"trainer.max_steps={steps}", f"trainer.val_every={steps}",
        f"sweep.workers.count={SLOTS}",
    ]  # fmt: skip


def contender_command(name: str, steps: int) -> list[str]:
    return [sys.executable, "-m", f"rnnlab.bench.contenders.{name}", "--steps", str(steps)]


def environment(place: str) -> dict[str, str]:
    """This process's, with a run folder of its own and one thread for everybody."""
    checkout = Path(__file__).parent.parent.parent
    kept = {key: value for key, value in os.environ.items() if key not in ("MLFLOW_TRACKING_URI", "RNNLAB_PLUGINS")}
    return kept | {"RNNLAB_RUNS": f"{place}/runs", "OMP_NUM_THREADS": "1", "PYTHONPATH": str(checkout)}
