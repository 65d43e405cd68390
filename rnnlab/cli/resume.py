"""Go on with a run or a sweep where it stopped, to the bit."""

from __future__ import annotations

import argparse

from rnnlab.cli.console import Console, Outcome

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


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.cli.running import outcome_of_run, shown
    from rnnlab.rerun import resume
    from rnnlab.sweep.folder import is_sweep

    if is_sweep(arguments.run):
        return resume_sweep(arguments.run, arguments.overrides, console)
    with shown(console) as show:
        result = resume(arguments.run, arguments.overrides, show)
    return outcome_of_run(result, console)


def resume_sweep(reference: str, overrides: list[str], console: Console) -> Outcome:
    """The command that began the sweep, again: it runs what is missing."""
    from rnnlab.cli.sweep import outcome_of_sweep
    from rnnlab.sweep.driver import sweep
    from rnnlab.sweep.folder import SWEEP, find_sweep

    folder = find_sweep(reference)
    return outcome_of_sweep(sweep([*folder.read_json(SWEEP)["arguments"], *overrides], say=console.say), console)
