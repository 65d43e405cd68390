"""Which lessons there are, read from their files: nothing is imported for the list."""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass

from rnnlab.config.source import WrittenClass, package_classes
from rnnlab.errors import RequestError, did_you_mean
from rnnlab.lessons.base import Lesson

PACKAGE = "rnnlab.lessons"


@dataclass(frozen=True, slots=True)
class Listed:
    """A lesson in the list. name: as it is asked for. line: what it is about."""

    name: str
    line: str
    place: int
    written: WrittenClass


def lessons() -> list[Listed]:
    """All lessons, in the order of the lecture."""
    found = [_listed(written) for written in package_classes(PACKAGE) if Lesson.__name__ in written.bases]
    return sorted(found, key=lambda lesson: lesson.place)


def find_lesson(name: str) -> type[Lesson]:
    """The class of a lesson. RequestError for a name that there is not."""
    known = {lesson.name: lesson for lesson in lessons()}
    wanted = name.replace("_", "-")
    if wanted not in known:
        raise RequestError(f"lesson {name}: no such lesson; there are {', '.join(known)}{did_you_mean(name, known)}")
    written = known[wanted].written
    found: type[Lesson] = getattr(importlib.import_module(written.module), written.name)
    return found


def _listed(written: WrittenClass) -> Listed:
    name = written.module.rpartition(".")[2].replace("_", "-")
    return Listed(name, written.summary, _place(written), written)


def _place(written: WrittenClass) -> int:
    """The number that the class says is its place."""
    tree = ast.parse(written.file.read_text(encoding="utf-8"))
    (lesson,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == written.name)
    for node in lesson.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "place":
            return int(ast.literal_eval(node.value))
    raise AssertionError(f"{written.module}: its lesson has no place")
