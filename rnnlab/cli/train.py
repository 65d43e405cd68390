"""Train one run, or with -m a sweep over all combinations of the values given."""

from __future__ import annotations

import argparse
from typing import Any

import yaml

from rnnlab.cli.board import add_yes, watching
from rnnlab.cli.console import Console, Outcome
from rnnlab.errors import RequestError

EXAMPLES = [
    "rnnlab train",
    "rnnlab train data=tinyshakespeare cell=gru stack.depth=2 trainer.max_minutes=3",
    "rnnlab train -m cell=elman,lstm,gru seed=0,1",
    "rnnlab train cell=lstm --cfg job",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "overrides", nargs="*", metavar="key=value", help="cell=lstm chooses a part, cell.hidden_size=256 sets one up"
    )
    parser.add_argument("-m", "--multirun", action="store_true", help="run every combination of a=1,2 b=x,y")
    add_yes(parser)
    flags = parser.add_argument_group("Hydra's flags")
    flags.add_argument("--cfg", "-c", choices=["job", "hydra", "all"], help="show the configuration, run nothing")
    flags.add_argument("--package", "-p", help="with --cfg: only this part")
    flags.add_argument("--resolve", action="store_true", help="with --cfg: with references resolved")
    flags.add_argument(
        "--info",
        "-i",
        nargs="?",
        const="all",
        choices=["all", "config", "defaults", "defaults-tree", "plugins", "searchpath"],
        help="show how the configuration is composed, run nothing",
    )
    flags.add_argument("--hydra-help", action="store_true", help="show Hydra's own settings")
    flags.add_argument("--config-dir", "-cd", metavar="FOLDER", help="a folder of recipes of your own")
    flags.add_argument("--config-name", "-cn", default="train", metavar="NAME", help="another config than train.yaml")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    _check_flags(arguments)
    if arguments.cfg or arguments.info or arguments.hydra_help:
        return show(arguments, console)
    if arguments.multirun:
        return sweep(arguments, console)
    from rnnlab.cli.running import outcome_of_run, shown
    from rnnlab.config.compose import compose

    composed = compose(arguments.overrides, arguments.config_dir, arguments.config_name)
    from rnnlab.train import run as train

    with shown(console) as bars:
        result = train(composed.experiment, composed.overrides, show=bars)
    return outcome_of_run(result, console)


def show(arguments: argparse.Namespace, console: Console) -> Outcome:
    """What Hydra's --cfg, --info and --hydra-help show."""
    from rnnlab.config import application

    where = (arguments.overrides, arguments.config_dir, arguments.config_name)
    if arguments.hydra_help:
        text = application.hydra_text()
    elif arguments.info:
        text = application.info_text(*where, what=arguments.info)
    else:
        kind, package, resolve = arguments.cfg, arguments.package, arguments.resolve or arguments.json
        text = application.config_text(*where, kind=kind, package=package, resolve=resolve)
        if arguments.json:
            return Outcome({"config": yaml.safe_load(text)})
    if not arguments.json:
        console.write(text)
    return Outcome({"text": text})


def sweep(arguments: argparse.Namespace, console: Console) -> Outcome:
    """A Hydra multirun: conf/train.yaml names our Sweeper."""
    from rnnlab.cli.sweep import outcome_of_sweep
    from rnnlab.config.application import multirun

    with watching(console, arguments.yes):
        result: Any = multirun(arguments.overrides, arguments.config_dir)
    return outcome_of_sweep(result, console)


def _check_flags(arguments: argparse.Namespace) -> None:
    asked = [f"--{name}" for name in ("multirun", "cfg", "info", "hydra_help") if getattr(arguments, name)]
    if len(asked) > 1:
        raise RequestError(f"rnnlab train: {' and '.join(asked)} together; one at a time".replace("_", "-"))
    if arguments.multirun and arguments.config_name != "train":
        raise RequestError("rnnlab train: --config-name goes with a single run; with -m, give a recipe by --config-dir")
    if arguments.yes and not arguments.multirun:
        raise RequestError("rnnlab train: --yes starts a sweep without a question; it goes with -m")
    if (arguments.resolve or arguments.package) and not arguments.cfg:
        raise RequestError("rnnlab train: --resolve and --package say what --cfg shows; give --cfg too")
