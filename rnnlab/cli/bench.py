"""Measure on this machine, beside a baseline, as ratios."""

from __future__ import annotations

import argparse

from rnnlab.cli.console import Console, Outcome
from rnnlab.config.schema import require
from rnnlab.errors import did_you_mean

AGAINST = ("bare", "script", "hydra_basic", "ray_tune")
EXAMPLES = [
    "rnnlab bench training",
    "rnnlab bench training --steps 1000 --threads 1 --json",
    "rnnlab bench sweep --against bare,script",
    "rnnlab bench scheduler --slots 10000 --runs 100000",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=list(BENCHES),
        help="training: a step of rnnlab beside a bare PyTorch loop; "
        "sweep: 32 trials through rnnlab and through what people use today; "
        "scheduler: a sweep's decisions with simulated workers, beside the least possible time",
    )
    training = parser.add_argument_group("training")
    training.add_argument("--steps", type=int, default=1000, help="steps of each (default: 1000)")
    training.add_argument("--threads", type=int, default=0, help="threads of torch (default: all cores)")
    sweep = parser.add_argument_group("sweep")
    sweep.add_argument("--against", default=",".join(AGAINST), help=f"contenders (default: {','.join(AGAINST)})")
    sweep.add_argument("--trial-steps", type=int, default=300, help="steps of each of the 32 trials (default: 300)")
    scheduler = parser.add_argument_group("scheduler")
    scheduler.add_argument("--slots", type=int, default=16, help="simulated workers (default: 16)")
    scheduler.add_argument("--runs", type=int, default=5000, help="simulated runs (default: 5000)")
    scheduler.add_argument("--seed", type=int, default=0, help="of the runs' durations and deaths (default: 0)")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    return BENCHES[arguments.what](arguments, console)


def bench_training(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.training import training
    from rnnlab.cli.running import shown

    require(arguments.steps >= 300, "--steps", arguments.steps, "it must be at least 300")
    with shown(console) as show:
        rows = training(arguments.steps, arguments.threads, show)
    console.table(rows, "milliseconds a step, interleaved in one process; ratio rnnlab / bare, by pairs of chunks")
    return Outcome({"what": "training", "rows": rows})


def bench_sweep(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.sweep import sweep

    against = [name for name in arguments.against.split(",") if name]
    for name in against:
        require(name in AGAINST, "--against", name, f"there are {', '.join(AGAINST)}{did_you_mean(name, AGAINST)}")
    rows = sweep(against, arguments.trial_steps, console.say)
    console.table(rows, "the same 32 trials on two slots: wall seconds, start-up included (bare: without imports)")
    return Outcome({"what": "sweep", "rows": rows})


def bench_scheduler(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.scheduler import scheduler

    require(arguments.slots >= 1, "--slots", arguments.slots, "it must be at least 1")
    require(arguments.runs >= 1, "--runs", arguments.runs, "it must be at least 1")
    row = scheduler(arguments.slots, arguments.runs, arguments.seed)
    console.table([{"": name, "value": value} for name, value in row.items()], "simulated workers, a simulated clock")
    console.say(
        "each run completed exactly once; ratios to the bound, batch_ratio is of a launcher that waits for batches"
    )
    return Outcome({"what": "scheduler", "rows": [row]})


BENCHES = {"training": bench_training, "sweep": bench_sweep, "scheduler": bench_scheduler}
