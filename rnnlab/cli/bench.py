"""Measure on this machine, beside a baseline, as ratios."""

from __future__ import annotations

import argparse

from rnnlab.cli.console import Console, Outcome

EXAMPLES = ["rnnlab bench training", "rnnlab bench training --steps 1000 --threads 1 --json"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=["training"], help="training: a step of rnnlab beside a bare PyTorch loop")
    parser.add_argument("--steps", type=int, default=1000, help="steps of each (default: 1000)")
    parser.add_argument("--threads", type=int, default=0, help="threads of torch (default: all cores)")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.training import training
    from rnnlab.cli.running import shown
    from rnnlab.config.schema import require

    require(arguments.steps >= 300, "--steps", arguments.steps, "it must be at least 300")
    with shown(console) as show:
        rows = training(arguments.steps, arguments.threads, show)
    console.table(rows, "milliseconds a step, interleaved in one process; ratio rnnlab / bare, by pairs of chunks")
    return Outcome({"what": "training", "rows": rows})
