"""A sweep that is killed again and again, and started again by the same command, beside one that nobody disturbs.

Both run through the real command line in folders of their own, with two workers and MLflow on sqlite.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from random import Random
from typing import Any

from rnnlab.bench.cluster import local_cluster
from rnnlab.bench.left_behind import LeftBehind, left_behind
from rnnlab.bench.sitting import Kill, Sitting

RUNS = 24
AT_WORK = 4
"""Runs that are left at the last kill, so that it finds somebody at work."""


def faults(kills: int, seed: int, say: Callable[[str], None], on_cluster: bool = False) -> dict[str, Any]:
    """Kill a sweep ``kills`` times at random moments, and compare it with one that nobody disturbed.

    ``on_cluster``: it runs on a cluster, whose nodes are killed too; the undisturbed one does without.
    The answer counts; ``wrong`` names what is not as it should be.
    """
    random, began = Random(seed), time.monotonic()
    possible = [kind for kind in Kill if on_cluster or kind is not Kill.node]
    kinds = [possible[number % len(possible)] for number in range(kills)]
    random.shuffle(kinds)
    moments = sorted(random.uniform(0, RUNS - AT_WORK) for _ in kinds)
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        local_cluster(Path(folder) / "killed") if on_cluster else nullcontext() as cluster,
        closing(Sitting(Path(folder) / "killed", cluster)) as disturbed,
        closing(Sitting(Path(folder) / "undisturbed")) as undisturbed,
    ):
        for kind, moment in zip(kinds, moments, strict=True):
            disturbed.kill(kind, moment, random)
            say(f"{kind.value} after {disturbed.ended} of {RUNS} runs, in session {disturbed.sessions}")
        disturbed.finish()
        undisturbed.finish()
        found, wanted = left_behind(disturbed.place), left_behind(undisturbed.place)
    counts = {kind.value: kinds.count(kind) for kind in possible}
    row = {"kills": kills, **counts, "sessions": disturbed.sessions, **compared(found, wanted)}
    return row | {"seconds": round(time.monotonic() - began, 1), "wrong": wrong(row)}


def compared(found: LeftBehind, wanted: LeftBehind) -> dict[str, Any]:
    """What the sweep that was killed came to."""
    return {
        "runs": RUNS,
        "complete": len(found.weights),
        "lost": RUNS - len(found.weights),
        "repeated": found.repeated,
        "tables_equal": found.table == wanted.table,
        "weights_equal": found.weights == wanted.weights,
        "mlflow_children": found.children,
        "mlflow_missing": found.missing,
        "mlflow_running": found.running,
    }


def wrong(row: dict[str, Any]) -> list[str]:
    """The names of the figures that are not as they should be."""
    wanted = {
        "complete": RUNS,
        "lost": 0,
        "repeated": 0,
        "tables_equal": True,
        "weights_equal": True,
        "mlflow_children": RUNS,
        "mlflow_missing": 0,
        "mlflow_running": 0,
    }
    return [name for name, value in wanted.items() if row[name] != value]
