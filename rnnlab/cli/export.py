"""Write a trained model as plain files that need no rnnlab: weights, configuration, program."""

from __future__ import annotations

import argparse
from pathlib import Path

from rnnlab.cli.console import Console, Outcome

EXAMPLES = ["rnnlab export best --to shakespeare-lstm"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument("--to", type=Path, default=None, help="the new folder (default: export-<id>)")
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.export import export
    from rnnlab.rerun import load

    loaded = load(arguments.run, arguments.plugins.split(",") if arguments.plugins else ())
    target = arguments.to or Path(f"export-{loaded.run_id}")
    description = export(loaded, target)
    files = sorted(path.name for path in target.iterdir())
    console.say(f"{target}: {', '.join(files)}")
    console.say("Load the program anywhere torch is: torch.export.load('model.pt2').module()")
    return Outcome({"run_id": loaded.run_id, "folder": str(target), "files": files, "inputs": description["inputs"]})
