"""Write one offline HTML page of a sweep, or of several side by side: table, figures, commands."""

from __future__ import annotations

import argparse
from pathlib import Path

from rnnlab.cli.console import Console, Outcome

EXAMPLES = [
    "rnnlab report last",
    "rnnlab report 68436a65 1c26d160 --to comparison.html",
]

REPORT = "report.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweeps", nargs="+", metavar="SWEEP", help="an id, a unique prefix of one, or last")
    parser.add_argument(
        "--to", metavar="PATH", help="where to write it (default: report.html in the first sweep's folder)"
    )


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.analysis.sweeps import read_sweep
    from rnnlab.errors import RequestError
    from rnnlab.report.page import write_report
    from rnnlab.sweep.folder import find_sweep

    folders = list(dict.fromkeys(find_sweep(reference) for reference in arguments.sweeps))
    path = Path(arguments.to).absolute() if arguments.to else folders[0].path / REPORT
    if path.is_dir() or not path.parent.is_dir():
        raise RequestError(f"--to {arguments.to}: it must name a file in a folder that exists")
    sweeps = [read_sweep(folder) for folder in folders]
    write_report(sweeps, path)
    for sweep in sweeps:
        console.say(f"sweep {sweep.id} {sweep.state}: {sweep.states}")
    console.say(str(path))
    return Outcome({"sweeps": [sweep.id for sweep in sweeps], "report": str(path)})
