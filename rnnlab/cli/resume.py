"""Go on with a run or a sweep where it stopped, to the bit."""

from __future__ import annotations

import argparse

from rnnlab.cli.console import Console, Outcome

EXAMPLES = [
    "rnnlab resume last",
    "rnnlab resume 3f9a2c1b trainer.max_steps=20000",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument(
        "overrides",
        nargs="*",
        metavar="key=value",
        help="trainer.max_steps=N extends; threads, tracking, plugins",
    )


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.cli.running import outcome_of_run, shown
    from rnnlab.rerun import resume

    with shown(console) as show:
        result = resume(arguments.run, arguments.overrides, show)
    return outcome_of_run(result, console)
