"""Remove runs or sweeps from this disk (what reached the tracking store stays there)."""

from __future__ import annotations

import argparse
import shutil
from contextlib import ExitStack

from rnnlab.cli.console import Console, Outcome
from rnnlab.errors import WorkError
from rnnlab.tracking.folder import RunFolder

EXAMPLES = ["rnnlab rm 3f9a2c1b", "rnnlab rm 3f9a2c1b 81c0 --dry-run"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="RUN|SWEEP", nargs="+", help="runs or sweeps; a sweep takes its runs along")
    parser.add_argument("--dry-run", action="store_true", help="name the folders and remove nothing")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    found = {folder.path: folder for reference in arguments.what for folder in _folders(reference)}
    folders = list(found.values())
    if not arguments.dry_run:
        _remove(folders)
    for folder in folders:
        console.say(f"{'would remove' if arguments.dry_run else 'removed'} {folder.path}")
    return Outcome({"removed": not arguments.dry_run, "folders": [str(folder.path) for folder in folders]})


def _folders(reference: str) -> list[RunFolder]:
    """The run meant; or the sweep and all its runs that are there."""
    from rnnlab.sweep.folder import SWEEP, find_run_or_sweep, is_sweep
    from rnnlab.tracking.folder import runs_root

    found = find_run_or_sweep(reference)
    if not is_sweep(found):
        return [found]
    runs = found.read_json(SWEEP)["runs"] if (found.path / SWEEP).exists() else []
    there = [RunFolder(runs_root() / run) for run in runs if (runs_root() / run).is_dir()]
    return [*there, found]


def _remove(folders: list[RunFolder]) -> None:
    """Remove all or, where one is being written, none."""
    with ExitStack() as held:
        for folder in folders:
            held.enter_context(folder.lock())
        for folder in folders:
            try:
                shutil.rmtree(folder.path)
            except OSError as error:
                raise WorkError(f"{folder.path}: cannot be removed: {error.strerror}") from error
