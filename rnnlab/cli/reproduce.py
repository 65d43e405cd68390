"""Run a finished run again from what was recorded, and compare the two bit for bit."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from rnnlab.cli.console import Console, Outcome

EXAMPLES = ["rnnlab reproduce last --check", "rnnlab reproduce best --plugins mylab"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument("--check", action="store_true", help="exit with code 1 where anything differs")
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.cli.running import shown
    from rnnlab.rerun import reproduce

    plugins = [f"plugins=[{arguments.plugins}]"] if arguments.plugins else []
    with shown(console) as show:
        found = reproduce(arguments.run, plugins, show)
    for title, pairs in (("differs", found.differences), ("could explain it", found.reasons)):
        rows = [{title: name, "recorded": str(a), "repeated": str(b)} for name, (a, b) in pairs.items()]
        if rows and not found.same:
            console.table(rows)
    verdict = "the same to the bit" if found.same else "not the same"
    console.say(f"run {found.original}, repeated as {found.result.run_id}: {verdict}")
    data = asdict(found.result) | {
        "original": found.original,
        "same": found.same,
        "differences": found.differences,
        "reasons": found.reasons,
    }
    return Outcome(data, exit_code=1 if arguments.check and not found.same else 0)
