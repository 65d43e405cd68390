"""Write one offline HTML page of a sweep, or of several side by side: table, figures, commands."""

from __future__ import annotations

import argparse
from pathlib import Path

from rnnlab.cli.console import Console, Outcome
from rnnlab.config import registry
from rnnlab.config.plugins import ambient_plugins

EXAMPLES = [
    "rnnlab report last",
    "rnnlab report 68436a65 1c26d160 --to comparison.html",
    "rnnlab report 68436a65 1c26d160 --figure best_so_far.svg",
]

REPORT = "report.html"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("sweeps", nargs="+", metavar="SWEEP", help="an id, a unique prefix of one, or last")
    parser.add_argument(
        "--to", metavar="PATH", help="where to write it (default: report.html in the first sweep's folder)"
    )
    parser.add_argument(
        "--figure", metavar="PATH.svg", help="write the best so far of these sweeps as an SVG file too, to stand alone"
    )
    parser.add_argument("--plugins", default="", help="packages with studies of your own, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.analysis.sweeps import read_sweep
    from rnnlab.report.comparison import write_figure
    from rnnlab.report.page import write_report
    from rnnlab.sweep.folder import find_sweep

    registry.load_plugins([*ambient_plugins(), *filter(None, arguments.plugins.split(","))])
    folders = list(dict.fromkeys(find_sweep(reference) for reference in arguments.sweeps))
    path = _target("--to", arguments.to) if arguments.to else folders[0].path / REPORT
    figure = _target("--figure", arguments.figure, ".svg") if arguments.figure else None
    sweeps = [read_sweep(folder) for folder in folders]
    written = {"report": str(path)}
    if figure is not None:
        write_figure(sweeps, figure)
        written["figure"] = str(figure)
    studies = write_report(sweeps, path)
    for sweep in sweeps:
        console.say(f"sweep {sweep.id} {sweep.state}: {sweep.states}")
        for line in studies[sweep.id].lines() if sweep.id in studies else ():
            console.say(line)
    for file in written.values():
        console.say(file)
    told = {"studies": {id: examined.plain() for id, examined in studies.items()}} if studies else {}
    return Outcome({"sweeps": [sweep.id for sweep in sweeps], **written, **told})


def _target(option: str, given: str, ending: str = "") -> Path:
    """Where to write. RequestError where no file of that kind can stand there."""
    from rnnlab.errors import RequestError

    path = Path(given).absolute()
    if not path.name.endswith(ending) or path.is_dir() or not path.parent.is_dir():
        kind = f"{ending} file" if ending else "file"
        raise RequestError(f"{option} {given}: it must name a {kind} in a folder that exists")
    return path
