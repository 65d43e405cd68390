"""Show what differs between two runs: configuration, environment, results."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from rnnlab.cli.console import Console, Outcome

EXAMPLES = ["rnnlab compare last best", "rnnlab compare 3f9a 81c0 --json"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    for name in ("a", "b"):
        parser.add_argument(name, metavar=name.upper(), help="an id, a unique prefix, a run's name, last or best")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.analysis.compare import compare_runs
    from rnnlab.tracking.folder import RunFolder

    a, b = RunFolder.find(arguments.a), RunFolder.find(arguments.b)
    found = compare_runs(a, b)
    parts = {"configuration": found.configuration, "environment": found.environment, "results": found.results}
    for title, pairs in parts.items():
        if pairs:
            rows = [{title: key, f"A {a.id}": str(one), f"B {b.id}": str(two)} for key, (one, two) in pairs.items()]
            console.table(rows, title, widest=48)
        else:
            console.say(f"{title}: no difference")
    if found.same_weights is not None:
        console.say(f"weights: {'the same to the bit' if found.same_weights else 'not the same'}")
    return Outcome({"a": a.id, "b": b.id, **asdict(found)})
