"""Check that a cell does what its paper says, or show its equations, diagram and costs."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome
from rnnlab.config import registry
from rnnlab.config.plugins import ambient_plugins
from rnnlab.config.schema import require
from rnnlab.errors import RequestError, did_you_mean

if TYPE_CHECKING:
    from rnnlab.checks.examine import Examined
    from rnnlab.models.backends import Backend

EXAMPLES = [
    "rnnlab cells check lstm",
    "rnnlab cells check --all --json",
    "rnnlab cells check mycell --plugins mylab",
    "rnnlab cells check --all --backends native,scan,loop",
    "rnnlab cells show gru",
    "rnnlab cells show lstm cell.hidden_size=128 stack.depth=2 --to lstm",
    "rnnlab cells show lstm recipe=reverse attention=dot --to reverse",
]
WIDEST = 100
TWINS_TITLE = (
    "near twins: largest difference of outputs over ten steps with equal weights where both have them;"
    " without: and zero those that one has alone"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=list(ACTIONS), help="check: run every check; show: what the cell is")
    parser.add_argument("name", metavar="NAME", nargs="?", help="a cell, as in cell=NAME")
    parser.add_argument(
        "overrides",
        metavar="key=value",
        nargs="*",
        help="show: settings, as task=classification",
    )
    parser.add_argument("--all", action="store_true", help="check every cell there is")
    parser.add_argument("--plugins", default="", metavar="MODULE", help="your own modules with cells, with commas")
    parser.add_argument(
        "--backends",
        default="",
        metavar="NAMES",
        help="check: some of native,scan,compiled,loop (default: all; compiled takes 15 seconds the first time)",
    )
    parser.add_argument("--input-size", type=int, default=64, help="show: features D that the cell reads (default: 64)")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="show: write two pictures and a page there")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    registry.load_plugins([*ambient_plugins(), *filter(None, arguments.plugins.split(","))])
    return ACTIONS[arguments.what](arguments, console)


def check(arguments: argparse.Namespace, console: Console) -> Outcome:
    """Every check on one cell or all; exit code 1 where one failed."""
    from rnnlab.checks.twins import twins_of

    names = wanted_cells(arguments)
    examined = list(examine_each(names, wanted_backends(arguments.backends), console))
    twins = [twin.plain() for twin in twins_of(names)]
    if len(names) == 1:
        console.table(rows_of(examined[0]), f"cell={names[0]}", WIDEST)
    else:
        console.table([*map(row_of, examined), tolerances(examined)], "", WIDEST)
    console.table(twins, TWINS_TITLE)
    failed = [each.cell for each in examined if not each.passed]
    console.say(
        f"{len(names) - len(failed)} of {len(names)} cells pass" + (f"; not {', '.join(failed)}" * bool(failed))
    )
    return Outcome({"cells": [in_json(each) for each in examined], "twins": twins}, exit_code=1 if failed else 0)


def show(arguments: argparse.Namespace, console: Console) -> Outcome:
    """Equations, counts, costs and settings; with --to also the diagram, the unrolled experiment and a page."""
    if arguments.name is None:
        raise RequestError("rnnlab cells show: give the NAME of a cell")
    require(arguments.input_size >= 1, "--input-size", arguments.input_size, "it must be at least 1")
    from rnnlab.describe.description import describe
    from rnnlab.describe.page import write
    from rnnlab.describe.text import facts, heading, recipe_lines, settings_rows

    told = describe(arguments.name, arguments.overrides, arguments.input_size)
    files = [] if arguments.to is None else write(told, arguments.to)
    for line in (*heading(told), ""):
        console.say(line)
    for name, figure, kind in facts(told):
        console.say(f"{name.ljust(12)}{figure}; {kind}")
    console.say(f"{'experiment'.ljust(12)}{told.plan.shape.value}: {told.plan.told}")
    console.table(settings_rows(told), "settings")
    for line in recipe_lines(told):
        console.say(line)
    if files:
        console.say(f"{arguments.to}: {', '.join(file.name for file in files)}")
    return Outcome(told.plain() | {"files": [str(file) for file in files]})


ACTIONS = {"check": check, "show": show}


def wanted_cells(arguments: argparse.Namespace) -> list[str]:
    """The cells to check. RequestError for none, for both a name and all, and for a name that there is not."""
    if (arguments.name is None) is not arguments.all:
        raise RequestError("rnnlab cells check: give the NAME of one cell, or --all")
    if arguments.overrides:
        raise RequestError(f"rnnlab cells check: {arguments.overrides[0]!r} is too much; one cell, in all its forms")
    if arguments.all:
        return registry.names("cell")
    registry.component("cell", arguments.name)
    return [arguments.name]


def wanted_backends(given: str) -> list[Backend]:
    """The backends of a list with commas; for an empty one all."""
    from rnnlab.checks.subject import EVERY
    from rnnlab.models.backends import Backend

    possible = [backend.value for backend in Backend if backend is not Backend.auto]
    names = [name for name in given.split(",") if name]
    for name in names:
        require(name in possible, "--backends", name, f"there are {', '.join(possible)}{did_you_mean(name, possible)}")
    return [Backend(name) for name in names] or list(EVERY)


def examine_each(names: Sequence[str], backends: Sequence[Backend], console: Console) -> Iterator[Examined]:
    """One cell after the other, on one thread: the numbers are few, and threads would only wait for each other."""
    import torch

    from rnnlab.checks.examine import examine

    torch.set_num_threads(1)
    with console.progress("cells") as bar:
        for done, name in enumerate(names):
            bar(done, len(names), name)
            yield examine(name, backends)


def rows_of(examined: Examined) -> list[dict[str, Any]]:
    """A row for each check of one cell."""
    return [
        {
            "check": finding.check,
            "passed": "yes" if finding.passed else "NO",
            "figure": finding.figure,
            "tolerance": finding.tolerance,
            "what": finding.line,
        }
        for finding in examined.findings
    ]


def row_of(examined: Examined) -> dict[str, Any]:
    """One row for a cell: how many checks passed, the most telling figures, and the first that failed."""
    found = {finding.check: finding for finding in examined.findings}
    passed = sum(finding.passed for finding in examined.findings)
    return {
        "cell": examined.cell,
        "checks": f"{passed} of {len(examined.findings)}",
        "equations": found["equations"].figure,
        "torch.nn": found["torch"].figure,
        "backends, float64": found["backends_float64"].line,
        "float32": found["backends_float32"].line,
        "what is wrong": examined.first_wrong,
    }


def tolerances(examined: Sequence[Examined]) -> dict[str, Any]:
    """The last row: how large each figure may be."""
    found = {finding.check: finding.tolerance for each in examined for finding in each.findings if finding.tolerance}
    return {
        "cell": "(tolerance)",
        "equations": found.get("equations"),
        "torch.nn": found.get("torch"),
        "backends, float64": found.get("backends_float64"),
        "float32": found.get("backends_float32"),
    }


def in_json(examined: Examined) -> dict[str, Any]:
    findings = [asdict(finding) for finding in examined.findings]
    return {"cell": examined.cell, "passed": examined.passed, "checks": findings}
