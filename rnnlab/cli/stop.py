"""End a running sweep in good order: each run writes a checkpoint, and the same command goes on later."""

from __future__ import annotations

import argparse

from rnnlab.cli.console import Console, Outcome

EXAMPLES = [
    "rnnlab stop last",
    "rnnlab stop 1c26d160",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweep", metavar="SWEEP", help="an id, a unique prefix of one, or last")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.sweep.folder import ask_to_stop, find_sweep

    folder = find_sweep(arguments.sweep)
    ask_to_stop(folder)
    console.say(f"sweep {folder.id} was asked to stop: its runs end with their chunks")
    return Outcome({"sweep_id": folder.id, "stopping": True})
