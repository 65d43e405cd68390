"""One and the same set of trials through rnnlab and through what people use today, on two slots.

Every contender is a process of its own in a fresh folder, one after the other; figures in seconds, start-up
included. For each trial there is a line on when it trained: from the contenders by ``contenders.record``, from
rnnlab by the folders of its runs.
"""

from __future__ import annotations

import importlib.util
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from rnnlab.analysis.timeline import Span
from rnnlab.bench.contenders.grid import EMBEDDING, ROWS, SLOTS, TRIALS, WINDOW, dimensions
from rnnlab.bench.contenders.record import FILE, Trained, read
from rnnlab.bench.process import Measured, environment, measure, rnnlab
from rnnlab.errors import WorkError
from rnnlab.tracking.entries import read_log
from rnnlab.tracking.folder import SWEEPS, RunFolder

NEEDS = {
    "hydra_basic": "hydra",
    "hydra_joblib": "hydra_plugins.hydra_joblib_launcher",
    "joblib": "joblib",
    "ray_tune": "ray.tune",
    "optuna": "optuna",
    "script": "mlflow",
    "bare": "torch",
}
"""Contender -> the package without which it cannot run."""
KEYS = {"hidden": "cell.hidden_size", "rate": "optimizer.lr", "seed": "seed", "steps": "trainer.max_steps"}
"""A trial's field -> what rnnlab calls it."""

SHOULD_BE_0 = ("lost", "repeated")


def sweep(against: list[str], case: str, steps: int, repeat: int, say: Callable[[str], None]) -> list[dict[str, Any]]:
    """A row for rnnlab and for each contender that is installed and comes to its end.

    steps   of each trial; in the case ``wide`` on average
    repeat  how often each is measured, in turns; a row holds the median of each figure
    """
    names = ["rnnlab", *(name for name in against if is_installed(name, say))]
    rows: dict[str, list[dict[str, float]]] = {name: [] for name in names}
    for _ in range(repeat):
        for name in names:
            try:
                rows[name].append(measured(name, case, steps))
            except WorkError as error:
                if name == "rnnlab":
                    raise
                say(f"{name}: {error}")
            else:
                say(f"{name}: {rows[name][-1]['wall_s']:.1f} s")
    medians = {name: summary(found) for name, found in rows.items() if found}
    ours = medians["rnnlab"]["wall_s"]
    return [{"through": name, **row, "times_rnnlab": row["wall_s"] / ours} for name, row in medians.items()]


def summary(rows: list[dict[str, float]]) -> dict[str, float]:
    """The median of each figure; of what should be 0, the worst."""
    return {key: (max if key in SHOULD_BE_0 else median)(row[key] for row in rows) for key in rows[0]}


def is_installed(name: str, say: Callable[[str], None]) -> bool:
    package = NEEDS[name]
    if importlib.util.find_spec(package) is not None:
        return True
    say(f"{name}: left out, {package} is not installed")
    return False


def measured(name: str, case: str, steps: int) -> dict[str, float]:
    """One contender in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        lines = place / "trials.jsonl"
        command = rnnlab_command(case, steps) if name == "rnnlab" else contender_command(name, case, steps)
        measurement = measure(command, place, environment(place) | {FILE: str(lines)})
        return figures(measurement, trained_by_rnnlab(place / "runs") if name == "rnnlab" else read(lines))


def rnnlab_command(case: str, steps: int) -> list[str]:
    """The trials as rnnlab's users write them. Validation only at the end: the others have none."""
    listed = dimensions(case, steps)
    return rnnlab(
        "train", "-m",
        *(f"{KEYS[key]}={','.join(map(str, values))}" for key, values in listed.items()),
        "cell=lstm", "data=python_source", f"data.batch_size={ROWS}", f"bptt.window={WINDOW}",
        f"embedding.size={EMBEDDING}", "stack.dropout=0", f"trainer.val_every={max(listed['steps'])}",
        f"sweep.workers.count={SLOTS}",
    )  # fmt: skip


def contender_command(name: str, case: str, steps: int) -> list[str]:
    module = f"rnnlab.bench.contenders.{name}"
    return [sys.executable, "-m", module, "--case", case, "--steps", str(steps)]


def trained_by_rnnlab(runs: Path) -> list[Trained]:
    """A line for each run that is done. Its first chunk is taken to be as fast as the others."""
    found = []
    for folder in (RunFolder(path) for path in sorted(runs.iterdir()) if path.name != SWEEPS):
        result, entries = folder.result(), list(read_log(folder))
        if result is None:
            continue
        first = next(entry for entry in entries if entry["kind"] == "metric")
        began = first["time"] / 1000 - result["seconds"] * first["step"] / result["steps"]
        found.append(Trained(entries[0]["name"], began, entries[-1]["time"] / 1000, result["seconds"]))
    return found


def figures(measurement: Measured, trained: Sequence[Trained]) -> dict[str, float]:
    """A row of the table.

    start_up_s   from the start of the process to the first training step
    outside_s    what a run costs its slot beside training steps, from the end of the run before it, on average
    idle_share   of the slots' time from the first step to the last end, where no run was under way
    lost         trials that nobody trained; repeated: those trained more often than once, counted each time
    """
    if not trained:
        raise WorkError("bench sweep: a contender ended well and had trained nothing")
    distinct = len({line.trial for line in trained})
    spans = [Span(line.trial, line.began, line.ended) for line in trained]
    first, last = min(span.start for span in spans), max(span.end for span in spans)
    inside = sum(line.ended - line.began - line.seconds for line in trained)
    under_way = sum(span.end - span.start for span in spans)
    between = waits_between(spans)
    return {
        "wall_s": measurement.wall_s,
        "start_up_s": first - measurement.started,
        "outside_s": (between + inside) / len(trained),
        "idle_share": 1 - under_way / (SLOTS * (last - first)),
        "lost": TRIALS - distinct,
        "repeated": len(trained) - distinct,
        "peak_mib": round(measurement.peak_bytes / 2**20),
    }


def waits_between(spans: Sequence[Span]) -> float:
    """Seconds between the runs of all slots. Which slot a run had is not known: it is taken to be the one whose last
    run ended nearest to its start, which is only known about.
    """
    ends: list[float] = []
    waits = 0.0
    for span in sorted(spans, key=lambda span: span.start):
        if len(ends) < SLOTS:
            ends.append(span.end)
            continue
        nearest = min(range(SLOTS), key=lambda slot: abs(span.start - ends[slot]))
        waits += span.start - ends[nearest]
        ends[nearest] = span.end
    return waits
