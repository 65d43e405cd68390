"""How long a sweep will take and how much disk, told before it starts: about, and in milliseconds."""

from __future__ import annotations

import math
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import numpy as np

from rnnlab.data.spec import DataSpec
from rnnlab.experiment import Experiment
from rnnlab.sweep.sizes import parameters_of
from rnnlab.sweep.watching import duration
from rnnlab.tracking.folder import runs_root
from rnnlab.training.device import Device
from rnnlab.training.trainer import DEFAULT_MINUTES

LARGE_MINUTES = 60.0
LARGE_BYTES = 5_000_000_000

EFFICIENCY = 0.5
"""Speed of training as a share of that of ``matrix_speed``; 0.25 to 0.9 were measured on the CPU."""
GPU_SPEED = 1e13
"""Operations per second on a GPU, which is not measured: it may be busy, and takes seconds to wake up."""
WINDOW_SECONDS = 0.0015
"""What a window costs beyond its operations: batch, optimizer, autograd."""
RUN_SECONDS = 0.5
"""What a run costs beyond its windows, on a warm worker: composing, opening data, checkpoints, result."""

COPIES = 4
"""last.ckpt holds the weights and Adam's two moments, best.ckpt the weights once more."""
RUN_BYTES = 40_000
"""Configuration, environment, result, and what surrounds the weights in two checkpoints."""
WINDOW_BYTES = 20
"""Of the log: a line of about 150 bytes for a chunk of 1 to 32 windows."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a sweep, or what is left of it, will about take.

    minutes     from the first run's start to the last one's end
    disk_bytes  in the runs' folders; free_bytes: what the disk has left where they lie
    """

    runs: int
    slots: int
    minutes: float
    disk_bytes: int
    free_bytes: int

    @property
    def line(self) -> str:
        """``24 runs, about 12 min on 2 slots, 180 MB of disk``."""
        runs, slots = f"{self.runs} run{'s' * (self.runs != 1)}", f"{self.slots} slot{'s' * (self.slots != 1)}"
        line = f"{runs}, about {duration(60 * self.minutes)} on {slots}, {size(self.disk_bytes)} of disk"
        return line if self.fits_the_disk else f"{line}, of which only {size(self.free_bytes)} are free"

    @property
    def fits_the_disk(self) -> bool:
        return self.disk_bytes <= self.free_bytes

    @property
    def is_large(self) -> bool:
        """Whether somebody should be asked before it starts."""
        return self.minutes > LARGE_MINUTES or self.disk_bytes > LARGE_BYTES or not self.fits_the_disk


def forecast(
    experiments: Sequence[Experiment],
    specs: Sequence[DataSpec],
    runs: int,
    slots: int,
    cores: int,
    speed: float | None = None,
) -> Forecast:
    """What ``runs`` runs will take whose configurations are, or are like, these.

    experiments  what the trials compose to; of a search that is not drawn yet, its corners
    specs        the data of each of them
    runs         how many are still to be done
    slots        how many are trained side by side
    cores        what the slots share: where they are more than that, they slow each other down
    speed        operations per second of one core; None: measured here and now, in 0.03 s

    Minutes given as a budget are taken at their word; steps and epochs are operations over a speed. For
    one cell or another, 16 to 512 units on a CPU that has nothing else to do, that is right within a factor
    of about two. Runs may end before their budget (pruned, out of patience): then it is less.
    """
    side_by_side = max(1, min(slots, runs))
    threads = mean(experiment.threads or 1 for experiment in experiments)
    share = min(1.0, cores / (side_by_side * threads))  # of a slot's cores, that it has to itself
    reached = EFFICIENCY * share * (speed or matrix_speed())
    needs = [_needs(experiment, spec, reached) for experiment, spec in zip(experiments, specs, strict=True)]
    seconds = mean(seconds for seconds, _ in needs)
    disk = mean(disk for _, disk in needs)
    return Forecast(
        runs=runs,
        slots=slots,
        minutes=math.ceil(runs / side_by_side) * seconds / 60,
        disk_bytes=round(runs * disk),
        free_bytes=shutil.disk_usage(_existing(runs_root())).free,
    )


def matrix_speed(seconds: float = 0.03) -> float:
    """Operations per second of one core in small float32 products, the best of many tries.

    The size is that of a recurrent step, and small enough that numpy's library keeps to one core.
    """
    left, right = np.ones((64, 64), np.float32), np.ones((64, 64), np.float32)
    best, end = math.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(8):
            left @ right
        best = min(best, time.perf_counter() - start)
    return 8 * 2 * 64**3 / best


def size(count: float) -> str:
    """``20 kB``, ``180 MB``, ``2.5 GB``."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if count >= unit:
            return f"{count / unit:.3g} {name}"
    return f"{count / 1e3:.0f} kB"


def _needs(experiment: Experiment, spec: DataSpec, speed: float) -> tuple[float, float]:
    """(seconds, bytes on disk) of one run. Operations: 2 for each parameter and symbol forward, 4 backward."""
    trainer, parameters = experiment.trainer, parameters_of(experiment, spec)
    if experiment.device is Device.cuda:
        speed = GPU_SPEED
    symbols, per_epoch = _windows(experiment, spec)
    window = WINDOW_SECONDS + 6 * parameters * symbols / speed
    validation = 2 * parameters * spec.sizes.get("val", 0) * max(1, spec.max_length) / speed
    budgets = [float(trainer.max_steps)] if trainer.max_steps is not None else []
    if trainer.max_epochs is not None:
        budgets.append(trainer.max_epochs * per_epoch)
    if trainer.max_minutes is not None or not budgets:
        budgets.append(60 * (trainer.max_minutes or DEFAULT_MINUTES) / window)
    steps = min(budgets)
    seconds = RUN_SECONDS + steps * window + (trainer.validations or math.ceil(steps / trainer.val_every)) * validation
    return seconds, 4 * COPIES * parameters + RUN_BYTES + WINDOW_BYTES * steps


def _windows(experiment: Experiment, spec: DataSpec) -> tuple[int, int]:
    """(symbols in a training window, windows in an epoch)."""
    rows, train = experiment.data.batch_size, spec.sizes["train"]
    if spec.shape == "stream":
        window = experiment.bptt.window
        return rows * window, max(1, (train - 1) // rows // window)
    return rows * spec.max_length, max(1, train // rows)


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
