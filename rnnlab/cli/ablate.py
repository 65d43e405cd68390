"""Hold units still while a network reads, and see where its loss changes."""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome
from rnnlab.config.schema import require

if TYPE_CHECKING:
    from rnnlab.inside.ablation import Clamps, Effect
    from rnnlab.inside.finding.labelled import Labelled
    from rnnlab.inside.subject import Subject
    from rnnlab.inside.units import UnitAddress
    from rnnlab.statistics import Interval

EXAMPLES = [
    "rnnlab ablate last --cell 0:c:17 --feature quotes",
    "rnnlab ablate last --cell 0:17 --cell 0:41 --value mean",
    "rnnlab ablate best --cell 1:h:5 --value -1 --controls 10 --json",
]

MEAN = "mean"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument(
        "--cell", action="append", default=[], metavar="LAYER:UNIT", required=True,
        help="the unit to hold, as 0:17 (its h) or 0:c:17; more at once if repeated",
    )  # fmt: skip
    parser.add_argument("--value", default="0", help="where it is held: a number, or mean, its own (default: 0)")
    parser.add_argument(
        "--feature", action="append", default=[], metavar="NAME", help="inside and outside of this one; may be repeated"
    )
    parser.add_argument("--text", type=Path, metavar="FILE", help="what it reads (default: what training never saw)")
    parser.add_argument("--symbols", type=int, default=200_000, help="how much it reads, at most (default: 200,000)")
    parser.add_argument("--language", help="how the text is read: python, c, xml, play, text (default: by its name)")
    parser.add_argument("--controls", type=int, default=3, help="how often with random units instead (default: 3)")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn at random (default: 0)")
    parser.add_argument(
        "--plugins", default="", help="packages with features of yours, or that the run was made with, with commas"
    )


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    require(arguments.symbols >= 1, "--symbols", arguments.symbols, "it must be at least 1")
    require(arguments.controls >= 0, "--controls", arguments.controls, "it must be at least 0")
    value = held_value(arguments.value)

    from rnnlab.inside.ablation import block_length
    from rnnlab.inside.finding.choosing import labelled, source_of
    from rnnlab.inside.subject import open_subject
    from rnnlab.inside.units import parse
    from rnnlab.training.device import repeatable

    plugins = [name for name in arguments.plugins.split(",") if name]
    with repeatable(0):
        subject = open_subject(arguments.run, arguments.text, arguments.symbols, plugins, console.say)
        units = list(dict.fromkeys(parse(word, subject.model.stack) for word in arguments.cell))
        block_length(len(subject.text) - 1)
        labels = labelled(source_of(subject.text, arguments.language), arguments.feature, plugins, console.say)
        clamps, effects = ablated(subject, units, value, labels, arguments, console)
    show(subject, clamps, effects, console)
    return Outcome(
        {
            "run_id": subject.run_id,
            "text": {"origin": subject.text.origin, "characters": len(subject.text)},
            "clamped": {str(unit): held for unit, held in clamps.items()},
            "features": [effect.row() for effect in effects],
        }
    )


def held_value(word: str) -> float | None:
    """The number to hold units at; None for their own means. RequestError for another word."""
    if word == MEAN:
        return None
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    require(math.isfinite(value), "--value", word, "give a number, or mean")
    return value


def ablated(
    subject: Subject,
    units: list[UnitAddress],
    value: float | None,
    labels: list[Labelled],
    arguments: argparse.Namespace,
    console: Console,
) -> tuple[Clamps, list[Effect]]:
    """Where the units were held, and what that does for each feature, the largest difference first."""
    import numpy as np

    from rnnlab.inside.ablation import effect, means, nats, random_units

    model, symbols_N = subject.model, subject.text.symbols_N
    generator = np.random.default_rng(arguments.seed)
    others = [random_units(units, model.stack, generator) for _ in range(arguments.controls)]

    def held(these: list[UnitAddress]) -> Clamps:
        return means(model, symbols_N, these) if value is None else dict.fromkeys(these, value)

    with console.progress("as it is") as bar:
        plain_N = nats(model, symbols_N, {}, bar)
    clamps = held(units)
    with console.progress("with units held") as bar:
        clamped_N = nats(model, symbols_N, clamps, bar)
    controls = []
    for number, each in enumerate(others, start=1):
        with console.progress(f"with random units held, {number} of {len(others)}") as bar:
            controls.append(nats(model, symbols_N, held(each), bar))
    effects = [effect(label, plain_N, clamped_N, controls, arguments.seed) for label in labels]
    return clamps, sorted(effects, key=lambda each: -each.difference.estimate)


def show(subject: Subject, clamps: Clamps, effects: list[Effect], console: Console) -> None:
    """The table, and what its columns say."""
    where = ", ".join(f"{unit} at {held:.3g}" for unit, held in clamps.items())
    console.say(f"run {subject.run_id}, {where}: {len(subject.text):,} characters of {subject.text.origin}")
    console.say("how much the loss rises, in nats per character, with 95 % intervals over blocks of the text")
    console.say()
    console.table([row(effect) for effect in effects])
    console.say()
    console.say("  inside: predicted while the feature is true (a number: above its mean); outside: while it is not")
    console.say("  more inside: inside - outside; above 0 the units matter more where the feature is true")
    if effects and effects[0].controls:
        console.say(
            f"  random: the same inside for {len(effects[0].controls)} draws of as many other units, mean and most"
        )


def row(effect: Effect) -> dict[str, Any]:
    """What a person compares."""
    inside = [control[0] for control in effect.controls]
    shown = {
        "feature": effect.label.name,
        "inside is": f"{100 * effect.share:.2g} %",
        "rises inside": words(effect.inside),
        "rises outside": words(effect.outside),
        "more inside": words(effect.difference),
        "in bits": f"{effect.difference.estimate / math.log(2):+.4f}",
    }
    return shown | ({"random": f"{sum(inside) / len(inside):+.4f}, {max(inside):+.4f}"} if inside else {})


def words(interval: Interval) -> str:
    """``+0.1234 (+0.1100 to +0.1300)``"""
    return f"{interval.estimate:+.4f} ({interval.low:+.4f} to {interval.high:+.4f})"
