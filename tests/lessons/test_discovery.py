"""The list of lessons, and what each of them promises."""

from __future__ import annotations

import ast
import shlex
from pathlib import Path

import pytest

from rnnlab.cli import verb_module, verb_parser, verbs
from rnnlab.config.compose import compose
from rnnlab.errors import RequestError
from rnnlab.lessons import base
from rnnlab.lessons.discovery import find_lesson, lessons

NAMES = [lesson.name for lesson in lessons()]
SWEEPS = Path(base.__file__).resolve().parents[2] / "sweeps"


def test_the_order_is_the_lectures() -> None:
    assert NAMES[:3] == ["unrolling", "hello", "char-rnn"]
    places = [lesson.place for lesson in lessons()]
    assert places == sorted(set(places))


def test_every_class_that_descends_from_lesson_is_found() -> None:
    written = {
        file.stem.replace("_", "-")
        for file in Path(base.__file__).parent.glob("*.py")
        if "(Lesson)" in file.read_text(encoding="utf-8")
    }
    assert written == set(NAMES)


def test_names_take_hyphens_and_underscores() -> None:
    assert find_lesson("tf_examples") is find_lesson("tf-examples")


def test_an_unknown_name_says_which_there_are_and_which_is_near() -> None:
    with pytest.raises(RequestError, match="lesson helo: no such lesson; there are .*did you mean 'hello'"):
        find_lesson("helo")


@pytest.mark.parametrize("name", NAMES)
def test_what_to_try_next_can_be_tried(name: str) -> None:
    """Each command's verb is there, its arguments are accepted, and what it trains composes."""
    lesson = find_lesson(name)
    assert lesson.title and lesson.look and lesson.next
    for each in lesson.next:
        words = [word for word in shlex.split(each.command) if not word.startswith("CUDA_VISIBLE_DEVICES=")]
        assert words[0] == "rnnlab" and words[1] in verbs(), each.command
        parsed = verb_parser(words[1], verb_module(words[1])).parse_intermixed_args(words[2:])
        if words[1] == "lesson":
            find_lesson(parsed.name)
        elif words[1] == "sweep":
            assert (SWEEPS / f"{words[2]}.yaml").is_file(), each.command
        elif words[1] == "train":
            compose([word.split(",")[0] for word in words[2:] if "=" in word])


def test_only_the_module_docstring_is_read_for_the_list() -> None:
    for lesson in lessons():
        docstring = ast.get_docstring(ast.parse(lesson.written.file.read_text(encoding="utf-8")))
        assert docstring is not None and docstring.startswith(lesson.line)
