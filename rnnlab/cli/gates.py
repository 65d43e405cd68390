"""Show how often each gate is nearly shut or nearly open, and how that developed."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome

if TYPE_CHECKING:
    from rnnlab.data.spec import DataSpec
    from rnnlab.experiment import Experiment
    from rnnlab.report.gates import Gates
    from rnnlab.tracking.folder import RunFolder

EXAMPLES = [
    "rnnlab gates last",
    "rnnlab gates best --text notes.txt",
    "rnnlab gates last --symbols 100000 --json",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument("--text", type=Path, metavar="FILE", help="what it reads (default: what training never saw)")
    parser.add_argument("--symbols", type=int, default=20_000, help="steps that are read, about (default: 20000)")
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.config.compose import restore
    from rnnlab.config.schema import require
    from rnnlab.report.gates import development, summary, write
    from rnnlab.tracking.folder import RunFolder
    from rnnlab.training.device import repeatable
    from rnnlab.training.record import recorded_spec

    require(arguments.symbols >= 1, "--symbols", arguments.symbols, "it must be at least 1")
    folder = RunFolder.find(arguments.run)
    plugins = [f"plugins=[{arguments.plugins}]"] if arguments.plugins else []
    # The loop shows every step, and is there for every cell: nothing has to be compiled for one look.
    experiment = restore(folder.config(), [*plugins, "stack.backend=loop", "device=cpu"])
    with repeatable(experiment.threads):
        gates = looked_at(folder, experiment, recorded_spec(folder), arguments, console)
    files = write(folder, gates)
    rows = summary(gates)
    console.table(rows, f"run {gates.run}, cell={gates.cell}, which read {gates.read}")
    console.say(f"{folder.path}: {', '.join(file.name for file in files)}")
    grown = development(folder, rows)
    found: dict[str, Any] = {"run_id": gates.run, "cell": gates.cell, "read": gates.read, "gates": rows}
    found["development"] = [
        dict(zip(grown, values, strict=True)) for values in zip(*(c.tolist() for c in grown.values()), strict=True)
    ]
    return Outcome({**found, "files": [str(file) for file in files]})


def looked_at(
    folder: RunFolder, experiment: Experiment, spec: DataSpec, arguments: argparse.Namespace, console: Console
) -> Gates:
    """The shares of every unit at each moment of the run that is kept."""
    from rnnlab.inside.gates import check_gates, fresh_model, gate_shares, material, moments_of
    from rnnlab.report.gates import Gates
    from rnnlab.studies.base import Row, columns_of

    model = fresh_model(experiment, spec)
    check_gates(model)
    moments = moments_of(folder, experiment, spec)
    read = material(experiment, spec, arguments.text, arguments.symbols, console.say)
    rows: list[Row] = []
    for moment in moments:
        model.load_state_dict(dict(moment.weights))
        with console.progress(f"weights of {moment.title}") as bar:
            found = gate_shares(model, read, experiment.bptt, bar)
        for shares in found:
            place: Row = {"moment": moment.title, "step": moment.step, "layer": shares.layer, "gate": shares.gate}
            for unit, (below, above) in enumerate(zip(shares.below_H, shares.above_H, strict=True)):
                rows.append({**place, "unit": unit, "below": float(below), "above": float(above)})
    return Gates(folder.id, experiment.cell.name, f"{read.steps:,} steps of {read.origin}", columns_of(rows))
