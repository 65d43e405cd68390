"""Run a named sweep of sweeps/; the same command again finishes what is missing."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from rnnlab.cli.board import add_yes, watching
from rnnlab.cli.console import Console, Outcome
from rnnlab.cli.report import REPORT

if TYPE_CHECKING:
    from rnnlab.studies.discovery import Examined
    from rnnlab.sweep.driver import SweepResult

EXAMPLES = [
    "rnnlab sweep smoke",
    "rnnlab sweep text_quickstart seed=0,1,2 sweep.workers.count=2",
    "rnnlab sweep odyssey data=digits",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="a file of sweeps/, without .yaml")
    parser.add_argument("overrides", nargs="*", metavar="key=value", help="come after those of the preset")
    parser.add_argument("--config-dir", metavar="FOLDER", help="a folder of your own recipes, as in train")
    add_yes(parser)


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.sweep.driver import sweep
    from rnnlab.sweep.presets import preset_overrides

    overrides = preset_overrides(arguments.name, arguments.overrides)
    with watching(console, arguments.yes):
        result = sweep(overrides, config_dir=arguments.config_dir)
    return outcome_of_sweep(result, console)


def outcome_of_sweep(result: SweepResult, console: Console) -> Outcome:
    """Show the table of a sweep, and how to see and repeat what it found."""
    console.table(result.table, f"{result.metric}: mean over the runs of each trial, 95 % interval")
    counts = ", ".join(f"{count} {state}" for state, count in result.counts.items()) or "none ended"
    console.say(f"sweep {result.sweep_id} {result.state}: {counts} of {result.runs} runs; {result.folder}")
    if result.command is not None:
        console.say(f"best: {result.command}")
    if result.test:
        figures = ", ".join(f"{name.removeprefix('test/')} {value:.4f}" for name, value in result.test.items())
        console.say(f"on the test part, once: {figures}")
    told = _study(Path(result.folder))
    for line in told.lines() if told is not None else ():
        console.say(line)
    report = Path(result.folder) / REPORT
    if result.state != "interrupted" and report.exists():
        console.say(f"report: {report}")
    study = {"study": told.plain()} if told is not None else {}
    return Outcome(asdict(result) | study, result.exit_code)


def _study(folder: Path) -> Examined | None:
    """What the sweep's study says of the runs so far; None where it has none."""
    from rnnlab.analysis.sweeps import SWEEP, read_sweep
    from rnnlab.studies.discovery import examine
    from rnnlab.tracking.folder import RunFolder

    sweep = RunFolder(folder)
    if sweep.read_json(SWEEP).get("study") is None:  # most have none: their runs need not be read again
        return None
    return examine(read_sweep(sweep))
