"""The ``sweep`` group: what is searched for, with which seeds, and on how many slots."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from rnnlab.config.schema import ComponentConfig, aside, require


class Direction(StrEnum):
    """Which way the metric is better."""

    minimize = "minimize"
    maximize = "maximize"


class Sampler(StrEnum):
    """How trials are chosen.

    grid    every combination of the listed values, each once
    random  independent draws from lists and intervals
    qmc     draws of a scrambled Sobol sequence: as random, with fewer gaps and clusters
    """

    grid = "grid"
    random = "random"
    qmc = "qmc"


@dataclass(kw_only=True, slots=True)
class Workers:
    """Where runs are trained. A slot is one warm process that trains one run at a time.

    count    slots; None: as many as the cores (and GPUs) give
    cpus     cores, and so torch threads, of a slot
    gpus     GPUs of a slot; 0.25 lets four slots share one, 0 trains on the CPU
    address  a Ray cluster ("auto" or host:port); None: Ray is started on this machine for the sweep alone
    inline   train everything in this process, one run after another, for a debugger
    """

    count: int | None = aside(None)
    cpus: int = aside(1)
    gpus: float = aside(0.0)
    address: str | None = aside(None)
    inline: bool = aside(False)

    def __post_init__(self) -> None:
        slots = self.count
        require(slots is None or slots >= 1, "sweep.workers.count", slots, "it must be at least 1, or null")
        require(self.cpus >= 1, "sweep.workers.cpus", self.cpus, "it must be at least 1")
        whole = self.gpus == int(self.gpus)
        require(
            self.gpus >= 0 and (self.gpus < 1 or whole),
            "sweep.workers.gpus",
            self.gpus,
            "it must be 0, a share below 1, or a whole number",
        )


class Sweep:
    """A search over configurations. All of it is decided in ``rnnlab.sweep``; this is its options."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """seeds: each trial is run once with each of them; empty: with ``seed`` alone.
        metric, direction: what trials are compared by, and which way is better.
        n_trials: how many trials are wanted in all; null: every combination there is.
        sampler, seed: how trials are chosen; the seed is that of the choice, not of the runs.
        new: start afresh, even where the same sweep was begun before.
        mixed: go on with a sweep that was begun by other source code.
        """

        seeds: list[int] = field(default_factory=list)
        metric: str = "best/val_loss"
        direction: Direction = Direction.minimize
        n_trials: int | None = None
        sampler: Sampler = Sampler.grid
        seed: int = 0
        workers: Workers = field(default_factory=Workers)
        new: bool = False
        mixed: bool = False

        def __post_init__(self) -> None:
            wanted = self.n_trials
            require(wanted is None or wanted >= 1, "sweep.n_trials", wanted, "it must be at least 1, or null")
            require(self.seed >= 0, "sweep.seed", self.seed, "it must be at least 0")
            doubled = len(set(self.seeds)) < len(self.seeds)
            require(not doubled, "sweep.seeds", self.seeds, "each seed can stand there once only")
            require(bool(self.metric), "sweep.metric", self.metric, "it must name a metric, as best/val_loss")
