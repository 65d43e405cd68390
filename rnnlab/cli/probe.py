"""Look into a run: how far gradients and memory reach, which gates are saturated."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome

if TYPE_CHECKING:
    from rnnlab.models.tasks.base import Task
    from rnnlab.probes.base import Table
    from rnnlab.tracking.folder import RunFolder
    from rnnlab.tracking.log import RunLog

EXAMPLES = [
    "rnnlab probe last",
    "rnnlab probe best --names gradient_flow,horizon",
    "rnnlab probe last --at init --lags 400 --rows 16",
    "rnnlab probe last --names growth",
]

WHEN = ("init", "best", "last")
SHOWN = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument("--names", default="", help="probes, separated by commas (default: all that measure)")
    parser.add_argument(
        "--at", choices=WHEN, default="best", help="its weights at the beginning, the best, or the last"
    )
    parser.add_argument("--rows", type=int, default=8, help="rows of the validation part (default: 8)")
    parser.add_argument(
        "--lags", type=int, default=None, help="steps back, at most (default: all there are, up to 200)"
    )
    parser.add_argument("--error", choices=("last", "every"), default="last", help="steps at which the loss counts")
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.config.compose import restore
    from rnnlab.parts import Show, assemble
    from rnnlab.probes.base import Error
    from rnnlab.probes.probing import ALL, Probing, prober_for
    from rnnlab.tracking.folder import RunFolder
    from rnnlab.tracking.log import RunLog
    from rnnlab.train import delivery
    from rnnlab.training.device import repeatable

    config = Probing.Config(
        name="default",
        names=[name for name in arguments.names.split(",") if name] or [ALL],
        rows=arguments.rows,
        lags=arguments.lags,
        error=Error(arguments.error),
    )
    folder = RunFolder.find(arguments.run)
    plugins = [f"plugins=[{arguments.plugins}]"] if arguments.plugins else []
    # The loop shows every step, and is there for every cell: nothing has to be compiled for one look.
    experiment = restore(folder.config(), [*plugins, "stack.backend=loop", "device=cpu"])
    with repeatable(experiment.threads):
        parts = assemble(experiment, Show(saying=console.say))
        step = take_weights(parts.model, folder, arguments.at)
        prober = prober_for(config, parts.model, parts.spec, parts.dataset)
        assert prober is not None, "a probe is asked for"
        with folder.lock(), delivery(experiment, folder, deliver=True) as undelivered, RunLog(folder).open() as log:
            kept = Tables(log)
            tables, figures = prober.look(parts.model, step, kept)
            prober.tell(parts.model, folder, kept)
    show(tables, console)
    for line in (*prober.unanswered, *undelivered):
        console.say(line)
    console.say(f"run {folder.id} at step {step:,}: the whole tables are in {folder.path / 'tables'}")
    files = [f"tables/{name}/{step:08d}.csv" for name in tables]
    found = {"run_id": folder.id, "step": step, "figures": figures, "tables": tables, "files": files}
    return Outcome({**found, "unanswered": prober.unanswered})


class Tables:
    """The log of a run for its tables and pages: figures of a look from outside are no part of what it measured."""

    def __init__(self, log: RunLog) -> None:
        self.table = log.table
        self.page = log.page

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        return None


def take_weights(model: Task, folder: RunFolder, at: str) -> int:
    """Give a model that is as it began the weights of another moment; returns the step of that moment."""
    from rnnlab.tracking.folder import BEST_CHECKPOINT
    from rnnlab.training import checkpoints
    from rnnlab.training.record import best_weights

    if at == "init":
        return 0
    if at == "best":
        model.load_state_dict(best_weights(folder))
        best = folder.path / BEST_CHECKPOINT
        return int(checkpoints.load(best if best.exists() else folder.checkpoint)["position"])
    last = checkpoints.load(folder.checkpoint)
    model.load_state_dict(last["model"])
    return int(last["position"])


def show(tables: dict[str, Table], console: Console) -> None:
    """Every table, long ones thinned out."""
    for name, columns in tables.items():
        rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        console.table(thinned(rows), f"{name} ({len(rows):,} rows)")


def thinned(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most sixteen rows, evenly spread, the first and the last among them."""
    if len(rows) <= SHOWN:
        return rows
    return [rows[round(place * (len(rows) - 1) / (SHOWN - 1))] for place in range(SHOWN)]
