"""Go through a part of the lecture: it is computed here and now, with what to look at and what to try next."""

from __future__ import annotations

import argparse
import textwrap
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.cli.console import Console, Outcome

if TYPE_CHECKING:
    from rnnlab.lessons.base import Lesson
    from rnnlab.lessons.blocks import Block

EXAMPLES = ["rnnlab lesson", "rnnlab lesson hello", "rnnlab lesson autodiff --to pages", "rnnlab lesson gpus --json"]
WIDE = 100
"""Columns that text is broken at."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="a lesson (default: list them)")
    parser.add_argument("--to", type=Path, metavar="FOLDER", help="write it there too, as a page with its pictures")
    parser.add_argument("--quick", action="store_true", help="smaller numbers, in seconds: a look at what there is")


def run(arguments: argparse.Namespace, console: Console) -> Outcome:
    if arguments.name is None:
        return listed(arguments, console)
    from rnnlab.lessons.blocks import numbers_of
    from rnnlab.lessons.discovery import find_lesson
    from rnnlab.lessons.page import made, write
    from rnnlab.training.device import repeatable

    kind = find_lesson(arguments.name)
    folder = None if arguments.to is None else made(arguments.to)
    started = time.monotonic()
    with repeatable(0):
        blocks = told(kind(arguments.quick, console.progress), console)
    name = kind.__module__.rpartition(".")[2].replace("_", "-")
    data = {"lesson": name, "title": kind.title, "quick": arguments.quick, "numbers": numbers_of(blocks)}
    data |= {"next": [each.command for each in kind.next], "seconds": round(time.monotonic() - started, 1)}
    if folder is not None:
        data["page"] = str(write(kind, name, blocks, folder))
        console.say(data["page"])
    return Outcome(data)


def listed(arguments: argparse.Namespace, console: Console) -> Outcome:
    """The lessons, in the order of the lecture."""
    from rnnlab.config.schema import require
    from rnnlab.lessons.discovery import lessons

    require(arguments.to is None, "--to", arguments.to, "it needs the NAME of a lesson")
    found: list[dict[str, Any]] = [{"lesson": lesson.name, "what": lesson.line} for lesson in lessons()]
    console.table(found)
    console.say("rnnlab lesson NAME goes through one; --to FOLDER writes it as a page with its pictures")
    return Outcome({"lessons": found})


def told(lesson: Lesson, console: Console) -> list[Block]:
    """Show a lesson while it is computed; returns its blocks."""
    console.say(lesson.title)
    console.say()
    blocks = []
    for block in lesson.run():
        show(block, console)
        blocks.append(block)
    console.say("What to look at")
    for line in lesson.look:
        paragraph(line, console, "  - ")
    console.say()
    console.say("What to try next")
    for each in lesson.next:
        console.say(f"  {each.command}")
        paragraph(each.why, console, "      ")
    return blocks


def show(block: Block, console: Console) -> None:
    from rnnlab.lessons.blocks import Lines, Table, Text

    if isinstance(block, Text):
        paragraph(block.text, console)
    elif isinstance(block, Table):
        console.table(list(block.rows), block.title)
    elif isinstance(block, Lines):
        console.say(block.title)
        for line in block.lines:
            console.say(f"  {line}".rstrip())
    else:
        paragraph(f"[picture, with --to FOLDER] {block.title}: {block.caption}", console)
    console.say()


def paragraph(text: str, console: Console, bullet: str = "") -> None:
    """Text broken into lines; those after the first stand under the words behind its ``bullet``."""
    for line in textwrap.wrap(text, WIDE, initial_indent=bullet, subsequent_indent=" " * len(bullet)):
        console.say(line)
