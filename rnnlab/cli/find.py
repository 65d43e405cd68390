"""Find the units that tell something of the text, with what it takes to believe it."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome
from rnnlab.config.schema import require

if TYPE_CHECKING:
    from rnnlab.inside.finding.findings import Discovery
    from rnnlab.inside.finding.showing import Shown
    from rnnlab.inside.subject import Subject

EXAMPLES = [
    "rnnlab find last",
    "rnnlab find best --feature quotes --feature comments --parts all",
    "rnnlab find last --text /usr/lib/python3/dist-packages/yaml/reader.py --language python",
    "rnnlab find last --plugins mylab --untrained 10 --fdr 0.01 --json",
]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="an id, a unique prefix of one, a run's name, last or best")
    parser.add_argument("--text", type=Path, metavar="FILE", help="what it reads (default: what training never saw)")
    parser.add_argument("--symbols", type=int, default=200_000, help="how much it reads, at most (default: 200,000)")
    parser.add_argument("--language", help="how the text is read: python, c, xml, play, text (default: by its name)")
    parser.add_argument(
        "--feature", action="append", default=[], metavar="NAME", help="look for this one only; may be repeated"
    )
    parser.add_argument(
        "--parts", default="states", help="states (default), all, or names of the cell with commas, as in h,f,o"
    )
    parser.add_argument("--untrained", type=int, default=5, help="untrained networks to compare with (default: 5)")
    parser.add_argument(
        "--null-symbols",
        type=int,
        help="how much each of these reads (default: all, or 20,000 and more where that takes long)",
    )
    parser.add_argument("--fdr", type=float, default=0.05, help="share of false findings allowed (default: 0.05)")
    parser.add_argument("--seed", type=int, default=0, help="of what is drawn at random (default: 0)")
    parser.add_argument(
        "--plugins", default="", help="packages with features of yours, or that the run was made with, with commas"
    )


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    require(arguments.symbols >= 1, "--symbols", arguments.symbols, "it must be at least 1")
    require(arguments.untrained >= 2, "--untrained", arguments.untrained, "it must be at least 2, to know their spread")
    null_symbols = arguments.null_symbols
    require(null_symbols is None or null_symbols >= 4000, "--null-symbols", null_symbols, "it must be at least 4000")
    require(0 < arguments.fdr < 1, "--fdr", arguments.fdr, "it must be between 0 and 1")

    from rnnlab.inside.finding.files import write_files
    from rnnlab.inside.finding.showing import shown
    from rnnlab.inside.subject import open_subject
    from rnnlab.tracking.folder import RunFolder
    from rnnlab.training.device import repeatable

    plugins = [name for name in arguments.plugins.split(",") if name]
    with repeatable(0):
        subject = open_subject(arguments.run, arguments.text, arguments.symbols, plugins, console.say)
        discovery = look(subject, arguments, plugins, console)
    text = subject.text
    stretches = {each.name: shown(discovery, each, text.characters) for each in discovery.found}
    show(discovery, stretches, subject, arguments.fdr, console)
    folder = RunFolder.find(subject.run_id).path
    files = write_files(discovery, folder, subject.run_id, text, arguments.fdr)
    console.say(f"written: {', '.join(map(str, files))}")
    rows = [each.row() | excerpt_of(stretches, each.name) for each in discovery.findings]
    return Outcome(
        {
            "run_id": subject.run_id,
            "text": {"origin": text.origin, "characters": len(text)},
            "features": rows,
            "found": [each.name for each in discovery.found],
            "files": [str(path) for path in files],
        }
    )


def look(subject: Subject, arguments: argparse.Namespace, plugins: list[str], console: Console) -> Discovery:
    """The discovery in the subject's text."""
    from rnnlab.inside.activations import named_parts
    from rnnlab.inside.finding.choosing import labelled, source_of
    from rnnlab.inside.finding.discovery import Method, discover, tellable
    from rnnlab.inside.finding.halves import Halves
    from rnnlab.inside.finding.untrained import untrained

    parts = named_parts(subject.model.stack, arguments.parts)
    halves = Halves.of(len(subject.text))
    source = source_of(subject.text, arguments.language)
    labels = tellable(labelled(source, arguments.feature, plugins, console.say), halves, arguments.feature, console.say)
    others = (untrained(subject.experiment, subject.spec, k + 1) for k in range(arguments.untrained))
    method = Method(arguments.fdr, arguments.null_symbols, arguments.seed)
    return discover(subject.model, subject.text.symbols_N, labels, parts, others, method, console.progress)


def show(discovery: Discovery, stretches: dict[str, Shown], subject: Subject, fdr: float, console: Console) -> None:
    """The table, what its columns say, and on a terminal the painted stretches."""
    from rnnlab.inside.finding.page import summary
    from rnnlab.inside.finding.words import COLUMNS, cells, sentence
    from rnnlab.inside.painting.ansi import painted

    console.say(summary(discovery, subject.text, fdr))
    console.say()
    console.table([cells(finding) for finding in discovery.findings])
    console.say()
    for name, about in COLUMNS.items():
        console.say(f"  {name.ljust(max(map(len, COLUMNS)))}  {about}")
    if not console.is_terminal:
        return
    for finding in discovery.found:
        stretch = stretches[finding.name]
        console.say(f"\n{finding.name}: {sentence(finding)}")
        console.say(painted(stretch.characters.removesuffix("\n"), trimmed(stretch), *stretch.scale))


def trimmed(stretch: Shown) -> Any:
    """The values without that of a newline at the end, which would leave an empty line."""
    return stretch.values[: len(stretch.characters.removesuffix("\n"))]


def excerpt_of(stretches: dict[str, Shown], name: str) -> dict[str, Any]:
    return {"excerpt": stretches[name].as_dict()} if name in stretches else {}
