"""Go on with a run or a sweep where it stopped, to the bit."""

from __future__ import annotations

import argparse

from rnnlab.cli.board import add_yes, watching
from rnnlab.cli.console import Console, Outcome
from rnnlab.tracking.folder import RunFolder

EXAMPLES = [
    "rnnlab resume last",
    "rnnlab resume 3f9a2c1b trainer.max_steps=20000",
    "rnnlab resume 68436a65    # a sweep: what is missing of it",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN|SWEEP", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="key=value",
        help="trainer.max_steps=N extends; threads, tracking, plugins",
    )
    add_yes(parser)


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.cli.running import outcome_of_run, shown
    from rnnlab.rerun import resume
    from rnnlab.sweep.folder import find_run_or_sweep, is_sweep

    found = find_run_or_sweep(arguments.run)
    if is_sweep(found):
        return resume_sweep(found, arguments, console)
    with shown(console) as show:
        result = resume(found.id, arguments.overrides, show)
    return outcome_of_run(result, console)


def resume_sweep(folder: RunFolder, arguments: argparse.Namespace, console: Console) -> Outcome:
    """The command that began the sweep, again: it runs what is missing."""
    from rnnlab.cli.sweep import outcome_of_sweep
    from rnnlab.sweep.driver import sweep
    from rnnlab.sweep.folder import SWEEP

    before = folder.read_json(SWEEP)
    with watching(console, arguments.yes):
        result = sweep(
            [*before["arguments"], *arguments.overrides],
            config_dir=before["config_dir"],
            config_name=before["config_name"],
        )
    return outcome_of_sweep(result, console)
