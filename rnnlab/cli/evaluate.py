"""Measure a trained run on a whole split: figures with intervals, confusion matrix, accuracy against length."""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome

if TYPE_CHECKING:
    from rnnlab.evaluation.evaluating import Evaluation
    from rnnlab.tracking.folder import RunFolder
    from rnnlab.tracking.log import RunLog

EXAMPLES = [
    "rnnlab evaluate last",
    "rnnlab evaluate best --split val",
    "rnnlab evaluate 68436a65 --json",
]

FOLDER = "evaluation"
SHOWN = ("classes", "length", "ahead")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument("--split", choices=("train", "val", "test"), default="test", help="which part (default: test)")
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.config.compose import restore
    from rnnlab.evaluation.evaluating import evaluated
    from rnnlab.parts import Show, assemble
    from rnnlab.tracking.folder import RunFolder
    from rnnlab.tracking.log import RunLog
    from rnnlab.train import delivery
    from rnnlab.training.device import repeatable

    folder = RunFolder.find(arguments.run)
    experiment = restore(folder.config(), [f"plugins=[{arguments.plugins}]"] if arguments.plugins else [])
    with repeatable(experiment.threads):
        found = evaluated(assemble(experiment, Show(saying=console.say)), folder, arguments.split)
        with folder.lock(), delivery(experiment, folder, deliver=True) as undelivered, RunLog(folder).open() as log:
            files = stored(found, folder, log, f"{experiment.cell.name} on {experiment.data.name}")
    show(found, console)
    for line in (*undelivered, *(f"{folder.path / file}" for file in files)):
        console.say(line)
    return Outcome(plain(found) | {"files": files})


def stored(found: Evaluation, folder: RunFolder, log: RunLog, title: str) -> list[str]:
    """Write the tables and the page into the run's folder, and hand them to its log; their paths inside it."""
    from rnnlab.evaluation.page import page
    from rnnlab.tracking.atomic import write_atomically

    files = []
    for name, rows in found.tables.items():
        log.table(f"{FOLDER}/{found.split}/{name}", {key: [row[key] for row in rows] for key in rows[0]})
        files.append(f"tables/{FOLDER}/{found.split}/{name}.csv")
    file = f"{FOLDER}/{found.split}.html"
    (folder.path / FOLDER).mkdir(exist_ok=True)
    write_atomically(folder.path / file, page(found, title).encode())
    log.file(file, FOLDER)
    return [*files, file]


def show(found: Evaluation, console: Console) -> None:
    """The figures with their intervals and rivals, and the short tables."""
    rows: list[dict[str, Any]] = []
    for name, value in found.figures.items():
        interval = found.intervals.get(name)
        known = interval is not None and not math.isnan(interval.low)
        rows.append(
            {
                "": name,
                found.split: value,
                "95 % interval": f"{interval.low:.4g} to {interval.high:.4g}" if known and interval else "",
            }
        )
    rows += [{"": name.replace("/", ", "), found.split: value} for name, value in found.rivals.items()]
    console.table(rows, f"run {found.run_id}, {found.items:,} answers")
    for name in SHOWN:
        console.table(found.tables.get(name, []), name)


def plain(found: Evaluation) -> dict[str, Any]:
    """The evaluation as JSON has it; null for what could not be computed."""
    intervals = {name: [number(interval.low), number(interval.high)] for name, interval in found.intervals.items()}
    tables = {
        name: [{key: number(value) for key, value in row.items()} for row in rows]
        for name, rows in found.tables.items()
    }
    head = {"run_id": found.run_id, "split": found.split, "items": found.items}
    return {**head, "figures": found.figures, "intervals": intervals, "rivals": found.rivals, "tables": tables}


def number(value: Any) -> Any:
    return None if isinstance(value, float) and math.isnan(value) else value
