"""The ``sweep`` group: what is searched for, with which seeds, and on how many slots."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from rnnlab.config.schema import ComponentConfig, aside, require

PLACES = 20
"""A run's budget is divided into so many equal places, at which a pruner compares it with the others."""


class Direction(StrEnum):
    """Which way the metric is better."""

    minimize = "minimize"
    maximize = "maximize"

    @property
    def sign(self) -> int:
        """What values are multiplied with so that lower is better."""
        return 1 if self is Direction.minimize else -1


class Sampler(StrEnum):
    """How trials are chosen.

    grid    every combination of the listed values, each once
    random  independent draws from lists and intervals
    qmc     draws of a scrambled Sobol sequence: as random, with fewer gaps and clusters
    tpe     where good trials are dense and bad ones are not (Optuna's TPE)
    gp      where a Gaussian process expects an improvement (Optuna's GP): for few, dear trials
    cmaes   around the mean of the best of each generation, with a covariance that adapts (CMA-ES)
    nsga2   an evolving population (Optuna's NSGA-II): for several objectives

    The first three know no results: which trials they choose depends on the sweep's seed alone. The others
    learn from each trial that ends, and so depend on the order in which trials do.
    """

    grid = "grid"
    random = "random"
    qmc = "qmc"
    tpe = "tpe"
    gp = "gp"
    cmaes = "cmaes"
    nsga2 = "nsga2"

    @property
    def learns(self) -> bool:
        """Whether its choice depends on the results so far."""
        return self in (Sampler.tpe, Sampler.gp, Sampler.cmaes, Sampler.nsga2)


class Pruner(StrEnum):
    """Which runs end early, judged by the sweep's metric at twentieths ("places") of their budget.

    none        none of them
    median      those worse than the median of the trials before, at the same place
    percentile  those not among the best ``pruning.percentile`` per cent at the same place
    halving     at each rung all but the best one in ``pruning.reduction`` (asynchronous successive halving)
    hyperband   the same with several first rungs, in case it is the slow starters that win
    patient     those that have not got better for ``pruning.patience`` places; needs no other trials
    """

    none = "none"
    median = "median"
    percentile = "percentile"
    halving = "halving"
    hyperband = "hyperband"
    patient = "patient"


@dataclass(kw_only=True, slots=True)
class Pruning:
    """How severe a pruner is. A place is a twentieth of a run's budget.

    first       no run is judged before this place (1 to 20)
    startup     trials that must be complete before median and percentile judge
    percentile  above 0, at most 100
    reduction   at least 2
    patience    places, at least 1
    """

    first: int = 2
    startup: int = 4
    percentile: float = 25.0
    reduction: int = 3
    patience: int = 4

    def __post_init__(self) -> None:
        possible = f"it must be from 1 to {PLACES}"
        require(1 <= self.first <= PLACES, "sweep.pruning.first", self.first, possible)
        require(self.startup >= 1, "sweep.pruning.startup", self.startup, "it must be at least 1")
        percentile = self.percentile
        require(0 < percentile <= 100, "sweep.pruning.percentile", percentile, "it must be above 0, at most 100")
        require(self.reduction >= 2, "sweep.pruning.reduction", self.reduction, "it must be at least 2")
        require(self.patience >= 1, "sweep.pruning.patience", self.patience, "it must be at least 1")


@dataclass(kw_only=True, slots=True)
class Workers:
    """Where runs are trained. A slot is one warm process that trains one run at a time.

    count      slots; None: as many as the cores (and memory, and GPUs) give
    cpus       cores, and so torch threads, of a slot
    gpus       GPUs of a slot; 0.25 lets four slots share one, 0 trains on the CPU
    memory_gb  GiB that a run may take beyond what its warm process has; one that wants more fails alone; None: no limit
    address    a Ray cluster ("auto" or host:port); None: processes of this machine
    inline     train everything in this process, one run after another, for a debugger
    """

    count: int | None = aside(None)
    cpus: int = aside(1)
    gpus: float = aside(0.0)
    memory_gb: float | None = aside(None)
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
        memory = self.memory_gb
        require(memory is None or memory > 0, "sweep.workers.memory_gb", memory, "it must be above 0, or null")


class Sweep:
    """A search over configurations. All of it is decided in ``rnnlab.sweep``; this is its options."""

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """seeds: each trial is run once with each of them; empty: with ``seed`` alone.
        metric, direction: what trials are compared by, and which way is better.
        more_metrics: further objectives, lower is better; "-NAME" where higher is.
        n_trials: how many trials are wanted in all; null: every combination there is.
        sampler, seed: how trials are chosen; the seed is that of the choice, not of the runs.
        blocks: lists of the space, as [cell], that a random or qmc search takes in turn and does not draw: each of
        their combinations gets the same draws of everything else. So all have equal budgets and are compared in
        pairs. n_trials is the number of draws times that of the combinations.
        constraints: what a trial must keep to, as "parameters <= 200000".
        pruner, pruning: which runs end early. With a pruner, a trial's first seed runs before its others.
        seed_margin: further seeds run only for trials whose first one is not worse than the best trial by
        more than this; null: for all.
        keep: complete runs of so many best trials keep their checkpoints; null: all runs do.
        study: what the sweep is made to tell: a name of `rnnlab.studies`, whose claims and figures its report shows.
        new: start afresh, even where the same sweep was begun before.
        mixed: go on with a sweep that was begun by other source code.
        """

        seeds: list[int] = field(default_factory=list)
        metric: str = "best/val_loss"
        direction: Direction = Direction.minimize
        more_metrics: list[str] = field(default_factory=list)
        n_trials: int | None = None
        sampler: Sampler = Sampler.grid
        seed: int = 0
        blocks: list[str] = field(default_factory=list)
        constraints: list[str] = field(default_factory=list)
        pruner: Pruner = Pruner.none
        pruning: Pruning = field(default_factory=Pruning)
        seed_margin: float | None = None
        keep: int | None = 10
        study: str | None = aside(None)
        workers: Workers = field(default_factory=Workers)
        new: bool = False
        mixed: bool = False

        @property
        def objectives(self) -> dict[str, Direction]:
            """Metric -> which way it is better; ``metric`` first."""
            more = {
                name.removeprefix("-"): Direction.maximize if name.startswith("-") else Direction.minimize
                for name in self.more_metrics
            }
            return {self.metric: self.direction} | more

        def __post_init__(self) -> None:
            wanted = self.n_trials
            require(wanted is None or wanted >= 1, "sweep.n_trials", wanted, "it must be at least 1, or null")
            require(self.seed >= 0, "sweep.seed", self.seed, "it must be at least 0")
            doubled = len(set(self.seeds)) < len(self.seeds)
            require(not doubled, "sweep.seeds", self.seeds, "each seed can stand there once only")
            require(bool(self.metric), "sweep.metric", self.metric, "it must name a metric, as best/val_loss")
            margin, kept = self.seed_margin, self.keep
            require(margin is None or margin >= 0, "sweep.seed_margin", margin, "it must be at least 0, or null")
            require(kept is None or kept >= 1, "sweep.keep", kept, "it must be at least 1, or null")
            self._check_objectives()
            self._check_blocks()

        def _check_objectives(self) -> None:
            several = self.more_metrics
            distinct = len(self.objectives) == 1 + len(several)
            require(distinct, "sweep.more_metrics", several, "each metric can stand there once only")
            can = not (several and self.sampler in (Sampler.gp, Sampler.cmaes))
            possible = ", ".join(each.value for each in Sampler if each not in (Sampler.gp, Sampler.cmaes))
            require(can, "sweep.sampler", self.sampler.value, f"with several objectives it must be one of {possible}")
            alone = not (several and self.pruner is not Pruner.none)
            require(alone, "sweep.pruner", self.pruner.value, "runs with several objectives cannot be pruned")

        def _check_blocks(self) -> None:
            if not self.blocks:
                return
            can = self.sampler in (Sampler.random, Sampler.qmc)
            require(can, "sweep.sampler", self.sampler.value, "with sweep.blocks it must be random or qmc")
            whole = self.pruner is Pruner.none
            require(whole, "sweep.pruner", self.pruner.value, "with sweep.blocks it must be none: budgets are equal")
