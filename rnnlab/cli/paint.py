"""Paint a text by what a unit of a trained network does while it reads: an offline page, a terminal, a picture."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome

if TYPE_CHECKING:
    from rnnlab.inside.painting.levels import Painting
    from rnnlab.inside.subject import Subject
    from rnnlab.inside.units import UnitAddress

EXAMPLES = [
    "rnnlab paint last",
    "rnnlab paint last --top comments",
    "rnnlab paint best --text notes.txt --cell 1:c:17 --to notes.html",
    "rnnlab paint last --cell 0:60 --ansi --lines 20",
    "rnnlab paint last --cell 0:60 --png cell.png --first 40 --lines 24",
]
Written = tuple[str, str | int]
PAGE = "paint.html"
MEGABYTE = 1_000_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument(
        "--text", type=Path, metavar="FILE", help="what it reads (default: what its training never saw)"
    )
    unit = parser.add_mutually_exclusive_group()
    unit.add_argument("--cell", metavar="LAYER:UNIT", help="the h of a unit, counted from 0; 0:c:17 is its c")
    unit.add_argument("--top", metavar="FEATURE", help="the unit that goes along best with a feature of `rnnlab find`")
    parser.add_argument("--symbols", type=int, default=20_000, help="how many are read at most (default: 20000)")
    parser.add_argument("--parts", default="", help="states, all, or names as h,c (default: states and gates)")
    parser.add_argument("--to", type=Path, metavar="FILE", help=f"where to write the page (default: {PAGE} of the run)")
    parser.add_argument("--megabytes", type=float, default=10.0, help="of the page, at most (default: 10)")
    parser.add_argument("--ansi", action="store_true", help="paint on the terminal, and write a page only with --to")
    parser.add_argument("--png", type=Path, metavar="FILE", help="write a picture for print too")
    parser.add_argument("--first", type=int, default=1, metavar="LINE", help="--ansi, --png: from this line on")
    parser.add_argument("--lines", type=int, default=60, help="--ansi, --png: how many lines (default: 60)")
    parser.add_argument("--language", help="--top: python, c, xml, play or text (default: told by the text)")
    parser.add_argument("--plugins", default="", help="packages that the run was made with, separated by commas")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    from rnnlab.config.schema import require
    from rnnlab.inside.painting.excerpt import stretch
    from rnnlab.inside.subject import open_subject

    require(arguments.symbols >= 1, "--symbols", arguments.symbols, "it must be at least 1")
    require(arguments.lines >= 1, "--lines", arguments.lines, "it must be at least 1")
    require(arguments.megabytes >= 1, "--megabytes", arguments.megabytes, "it must be at least 1")
    for option, file in (("--to", arguments.to), ("--png", arguments.png)):
        possible = file is None or (file.parent.is_dir() and not file.is_dir())
        require(possible, option, str(file), "it must name a file in a folder that exists")
    plugins = arguments.plugins.split(",") if arguments.plugins else []
    subject = open_subject(arguments.run, arguments.text, arguments.symbols, plugins, console.say)
    excerpt = stretch(subject.text.characters, arguments.first, arguments.lines)
    painting = painted(subject, arguments, plugins, console)
    found = told(painting)
    console.say("run {run_id}, unit {unit}: {symbols:,} symbols, {text}".format_map(found))
    return Outcome(found | dict(write(painting, excerpt, arguments, console)))


def painted(subject: Subject, arguments: argparse.Namespace, plugins: list[str], console: Console) -> Painting:
    """What is shown of which unit."""
    from rnnlab.inside.activations import named_parts
    from rnnlab.inside.painting.levels import paint

    stack = subject.model.stack
    parts = named_parts(stack, arguments.parts) if arguments.parts else ()
    unit = wanted_unit(subject, arguments, plugins)
    with console.progress("reading") as bar:
        return paint(subject, unit, parts, bar)


def wanted_unit(subject: Subject, arguments: argparse.Namespace, plugins: list[str]) -> UnitAddress | None:
    """The unit that was asked for; None where any will do."""
    if arguments.cell:
        from rnnlab.inside.units import parse

        return parse(arguments.cell, subject.model.stack)
    if arguments.top:
        from rnnlab.inside.finding.choosing import best_unit

        return best_unit(subject, arguments.top, arguments.language, plugins)
    return None


def write(painting: Painting, excerpt: slice, arguments: argparse.Namespace, console: Console) -> Iterator[Written]:
    """Show and write all that was asked for; yields what was written, under its name in the answer."""
    unit, run_id = painting.chosen, painting.subject.run_id
    characters = painting.subject.text.characters[excerpt]
    values = painting.values(unit)[excerpt]
    scale = painting.scale(unit).stretched(values)
    ends = f"{scale.low:.4g} is blue, {scale.high:.4g} is red"
    if arguments.ansi:
        from rnnlab.inside.painting.ansi import painted as on_terminal

        console.say(ends)
        console.say(on_terminal(characters, values, *scale).removesuffix("\n"))
    if arguments.png:
        from rnnlab.inside.painting.printed import picture

        drawn = picture(characters, values, scale, f"{unit} of run {run_id}: {ends}")
        yield "png", write_file(arguments.png, drawn, console)
    if arguments.to or not arguments.ansi:
        from rnnlab.inside.painting.page import paint_page
        from rnnlab.tracking.folder import RunFolder

        path = arguments.to or RunFolder.find(run_id).path / PAGE
        page, units = paint_page(painting, int(arguments.megabytes * MEGABYTE))
        yield "units_on_page", len(units)
        yield "page", write_file(path, page.encode(), console)


def write_file(path: Path, content: bytes, console: Console) -> str:
    from rnnlab.tracking.atomic import write_atomically

    write_atomically(path, content)
    console.say(f"{path} ({len(content) / MEGABYTE:.1f} MB)")
    return str(path)


def told(painting: Painting) -> dict[str, Any]:
    """What the answer says of the painting itself."""
    low, high = painting.scale(painting.chosen)
    return {
        "run_id": painting.subject.run_id,
        "unit": str(painting.chosen),
        "scale": [low, high],
        "text": painting.subject.text.origin,
        "symbols": len(painting.subject.text),
        "bits_per_char": painting.mean_bits,
        "units": painting.units,
    }
