"""Measure on this machine, beside a baseline, as ratios."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

from rnnlab.cli.console import Console, Outcome
from rnnlab.config import registry
from rnnlab.config.plugins import ambient_plugins
from rnnlab.config.schema import require
from rnnlab.errors import did_you_mean

BACKENDS = ("native", "scan", "compiled", "loop")
DEVICES = ("auto", "cpu", "cuda")
LAYERS = "64x32x64x64,64x32x64x256,1024x8x128x128"
WIDEST = 160
AGAINST = ("hydra_basic", "hydra_joblib", "joblib", "ray_tune", "optuna", "script", "bare")
CASES = ("grid", "wide")
LEAST_STEPS = 50
SAMPLERS = ("random", "qmc", "tpe", "gp", "cmaes", "nsga2")
EXAMPLES = [
    "rnnlab bench training",
    "rnnlab bench training --steps 1000 --threads 1 --json",
    "rnnlab bench cells --cells gru,mgu --threads 2",
    "rnnlab bench cells --cells mycell --plugins mylab --backends compiled,loop --shapes 64x32x64x512 --json",
    "rnnlab bench sweep --against joblib,ray_tune --case wide",
    "rnnlab bench scheduler --slots 10000 --runs 100000",
    "rnnlab bench faults --kills 10",
    "rnnlab bench faults --cluster --json",
    "rnnlab bench probes --steps 2000 --repeat 7 --json",
    "rnnlab bench samplers --samplers random,tpe --pruner hyperband",
    "rnnlab bench find --units 512 --symbols 50000 --json",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "what",
        choices=list(BENCHES),
        help="training: a step of rnnlab beside a bare PyTorch loop; "
        "cells: forward and backward of each cell on each of its backends, beside torch.nn.LSTM; "
        "sweep: 32 trials through rnnlab and through what people use today; "
        "scheduler: a sweep's decisions with simulated workers, beside the least possible time; "
        "faults: a sweep that is killed and started again, beside one that nobody disturbs; "
        "samplers: how soon each way of choosing trials finds a good one, on a formula; "
        "probes: a training with all probes at their default cadence, beside the same without; "
        "find: features of a long text in all units of a network, beside scikit-learn's AUC",
    )
    parser.add_argument("--threads", type=int, default=0, help="training, cells, probes, find: of torch (default: all)")
    parser.add_argument(
        "--repeat",
        type=int,
        help="sweep: measure each so often, show medians (default: 1); probes: rounds (default: 5); "
        "cells: rounds (default: 5 and what time allows)",
    )
    training = parser.add_argument_group("training, probes")
    training.add_argument("--steps", type=int, default=1000, help="steps of each run (default: 1000)")
    cells = parser.add_argument_group("cells")
    cells.add_argument("--cells", default="", metavar="NAMES", help="some cells, with commas (default: all)")
    cells.add_argument("--backends", default=",".join(BACKENDS), help=f"some of {','.join(BACKENDS)} (default: all)")
    cells.add_argument("--shapes", default=LAYERS, help=f"TxBxDxH: steps, rows, inputs, units (default: {LAYERS})")
    cells.add_argument("--device", choices=DEVICES, default=DEVICES[0], help="auto: a GPU if there is one (default)")
    cells.add_argument("--plugins", default="", metavar="MODULES", help="your own modules with cells, with commas")
    sweep = parser.add_argument_group("sweep")
    sweep.add_argument("--against", default=",".join(AGAINST), help=f"contenders (default: {','.join(AGAINST)})")
    sweep.add_argument(
        "--case", choices=CASES, default=CASES[0], help="grid: equal lengths; wide: very different ones (default: grid)"
    )
    sweep.add_argument("--trial-steps", type=int, default=300, help="mean steps of the 32 trials (default: 300)")
    scheduler = parser.add_argument_group("scheduler")
    scheduler.add_argument("--slots", type=int, default=16, help="simulated workers (default: 16)")
    scheduler.add_argument("--runs", type=int, default=5000, help="simulated runs (default: 5000)")
    faults = parser.add_argument_group("faults")
    faults.add_argument("--kills", type=int, default=10, help="how often the sweep is killed (default: 10)")
    faults.add_argument("--cluster", action="store_true", help="on a Ray cluster here, whose nodes are killed too")
    samplers = parser.add_argument_group("samplers")
    samplers.add_argument("--samplers", default=",".join(SAMPLERS), help=f"some of {','.join(SAMPLERS)} (default: all)")
    samplers.add_argument("--pruner", default="none", help="which runs end early (default: none)")
    samplers.add_argument("--sweep-seeds", type=int, default=20, help="sweeps of each sampler (default: 20)")
    find = parser.add_argument_group("find")
    find.add_argument("--units", type=int, default=1024, help="of the two layers together (default: 1024)")
    find.add_argument("--symbols", type=int, default=200_000, help="of the text (default: 200,000)")
    find.add_argument("--features", type=int, default=20, help="to look for, at most (default: 20)")
    parser.add_argument("--seed", type=int, default=0, help="of all that is drawn at random (default: 0)")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    return BENCHES[arguments.what](arguments, console)


def bench_training(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.training import training
    from rnnlab.cli.running import shown

    require(arguments.steps >= 300, "--steps", arguments.steps, "it must be at least 300")
    with shown(console) as show:
        rows = training(arguments.steps, arguments.threads, show)
    console.table(rows, "milliseconds a step, interleaved in one process; ratio rnnlab / bare, by pairs of chunks")
    return Outcome({"what": "training", "rows": rows})


def bench_cells(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.cells import DIFFERS, Request, Shape, cells
    from rnnlab.models.backends import Backend
    from rnnlab.training.device import Device

    require(arguments.threads >= 0, "--threads", arguments.threads, "it must be at least 0")
    require(arguments.repeat is None or arguments.repeat >= 2, "--repeat", arguments.repeat, "it must be at least 2")
    registry.load_plugins([*ambient_plugins(), *filter(None, arguments.plugins.split(","))])
    request = Request(
        cells=list(filter(None, arguments.cells.split(","))) or registry.names("cell"),
        backends=[Backend(name) for name in chosen("--backends", arguments.backends, BACKENDS)],
        shapes=[Shape.parse(shape) for shape in arguments.shapes.split(",")],
        device=Device(arguments.device),
        threads=arguments.threads,
        rounds=arguments.repeat,
        seed=arguments.seed,
    )
    with console.progress("cells") as bar:
        found = cells(request, console.say, bar)
    for shape in found["shapes"]:
        rows = [layer_row(row) for row in found["rows"] if row["shape"] == shape]
        console.table(rows, f"{shape}: ratio of forward and backward to torch.nn.LSTM, round by round", WIDEST)
    differs = any(row["result"] == DIFFERS for row in found["rows"])
    return Outcome({"what": "cells", **found}, exit_code=1 if differs else 0)


def layer_row(row: dict[str, Any]) -> dict[str, Any]:
    """What a person compares, of a row; empty places where nothing was measured."""
    low, high = row["ratio_quarter"], row["ratio_three_quarters"]
    return {
        "cell": row["cell"],
        "backend": row["backend"],
        "ratio": row["ratio"],
        "middle half": "" if low is None else f"{low:.3g} to {high:.3g}",
        "to its twin": row["twin_ratio"],
        "ms": row["ms"],
        "LSTM's ms": row["lstm_ms"],
        "MiB": row["peak_mib"],
        "LSTM's MiB": row["lstm_peak_mib"],
        "program": f"{row['program']} in {row['compile_s']:.1f} s" if row["compile_s"] else row["program"],
        "note": row["note"],
    }


def bench_sweep(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.sweep import sweep

    against = chosen("--against", arguments.against, AGAINST)
    steps = arguments.trial_steps
    require(steps >= LEAST_STEPS, "--trial-steps", steps, f"it must be at least {LEAST_STEPS}")
    repeat = 1 if arguments.repeat is None else arguments.repeat
    require(repeat >= 1, "--repeat", repeat, "it must be at least 1")
    rows = sweep(against, arguments.case, steps, repeat, console.say)
    console.table(rows, "the same 32 trials on two slots of one thread: wall seconds, start-up included")
    console.say("outside_s: seconds of a slot for each run beside its training steps")
    return Outcome({"what": "sweep", "case": arguments.case, "rows": rows})


def bench_scheduler(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.scheduler import scheduler

    require(arguments.slots >= 1, "--slots", arguments.slots, "it must be at least 1")
    require(arguments.runs >= 1, "--runs", arguments.runs, "it must be at least 1")
    row = scheduler(arguments.slots, arguments.runs, arguments.seed)
    console.table([{"": name, "value": value} for name, value in row.items()], "simulated workers, a simulated clock")
    console.say(
        "each run completed exactly once; ratios to the bound, batch_ratio is of a launcher that waits for batches"
    )
    return Outcome({"what": "scheduler", "rows": [row]})


def bench_faults(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.faults import faults

    require(arguments.kills >= 1, "--kills", arguments.kills, "it must be at least 1")
    row = faults(arguments.kills, arguments.seed, console.say, arguments.cluster)
    console.table([{"": name, "value": str(value)} for name, value in row.items()], "a sweep that was killed")
    return Outcome({"what": "faults", **row}, exit_code=1 if row["wrong"] else 0)


def bench_samplers(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.samplers import samplers
    from rnnlab.sweep.base import Pruner

    names = chosen("--samplers", arguments.samplers, SAMPLERS)
    (pruner,) = chosen("--pruner", arguments.pruner, [each.value for each in Pruner])
    require(arguments.sweep_seeds >= 1, "--sweep-seeds", arguments.sweep_seeds, "it must be at least 1")
    rows = samplers(names, pruner, arguments.sweep_seeds, console.say)
    console.table(rows, "regret in nats when so many whole runs are spent: mean over sweep seeds, 95 % interval")
    return Outcome({"what": "samplers", "rows": rows})


def bench_probes(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.probes import probes

    rounds = 5 if arguments.repeat is None else arguments.repeat
    require(rounds >= 2, "--repeat", rounds, "it must be at least 2")
    require(arguments.steps >= 1, "--steps", arguments.steps, "it must be at least 1")
    require(arguments.threads >= 0, "--threads", arguments.threads, "it must be at least 0")
    found = probes(arguments.steps, rounds, arguments.threads, console.say)
    console.table(
        found["rows"], f"seconds of a run of {arguments.steps} steps; ratio with / without, by rounds", WIDEST
    )
    imported = found["imported_when_off"]
    console.say(f"a run without probes imported {', '.join(imported) or 'none of them'}")
    return Outcome({"what": "probes", **found}, exit_code=1 if imported else 0)


def bench_find(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.bench.find import find

    require(arguments.units >= 2, "--units", arguments.units, "it must be at least 2")
    require(arguments.symbols >= 4000, "--symbols", arguments.symbols, "it must be at least 4000")
    require(arguments.features >= 1, "--features", arguments.features, "it must be at least 1")
    require(arguments.threads >= 0, "--threads", arguments.threads, "it must be at least 0")
    found = find(arguments.units, arguments.symbols, arguments.features, arguments.threads, arguments.seed)
    size = f"{found['units']:,} units, {found['features']} features, {found['characters']:,} characters"
    console.table(found["rows"], f"{size}, {found['threads']} threads: {found['total_s']:.1f} s in all")
    console.say(f"at most {found['peak_mib']:,.0f} MiB of memory")
    console.say(
        f"one ranking of all units in {found['ranking_s']:.1f} s, scikit-learn's AUC one by one in"
        f" {found['baseline_s']:,.0f} s: {found['ratio']:.0f} times as long"
    )
    return Outcome({"what": "find", **found})


def chosen(option: str, given: str, possible: Sequence[str]) -> list[str]:
    """The names of a list with commas. RequestError for one that there is not."""
    names = [name for name in given.split(",") if name]
    for name in names:
        require(name in possible, option, name, f"there are {', '.join(possible)}{did_you_mean(name, possible)}")
    return names


BENCHES = {
    "training": bench_training,
    "cells": bench_cells,
    "sweep": bench_sweep,
    "scheduler": bench_scheduler,
    "faults": bench_faults,
    "samplers": bench_samplers,
    "probes": bench_probes,
    "find": bench_find,
}
