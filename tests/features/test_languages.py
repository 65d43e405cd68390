"""Which language a text is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.errors import RequestError
from rnnlab.features.languages import Language, language_of, likeliest
from tests.features.library import NAMES, module

C = "static int f(int a)\n{\n\tif (a)\n\t\treturn 1;\n\treturn 0;\n}\n"
XML = "<a>\n  <b>x</b>\n  <b>y</b>\n</a>\n"
PLAY = "Go.\n\nROMEO:\nI go.\n\nJULIET:\nStay.\n\n"
PROSE = "It was a dark night; the rain fell, and\nnobody was there. For while the wind\nblew, return was far.\n" * 3


@pytest.mark.parametrize("name", NAMES)
def test_the_library_of_python_is_python(name: str) -> None:
    characters = module(name).characters
    assert likeliest(characters) is likeliest(characters[3_000:]) is Language.python


@pytest.mark.parametrize(
    ("characters", "expected"),
    [(C, Language.c), (XML, Language.xml), (PLAY, Language.play), (PROSE, Language.text), ("", Language.text)],
)
def test_the_likeliest_language(characters: str, expected: Language) -> None:
    assert likeliest(characters) is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("linux", Language.c),
        ("python_source", Language.python),
        ("enwik8", Language.xml),
        ("tinyshakespeare", Language.play),
        ("a/b.PY", Language.python),
        ("main.c", Language.c),
        ("dump.xml", Language.xml),
        ("notes.txt", Language.text),
        ("text", Language.text),
    ],
)
def test_names_of_datasets_and_files_say_it(kind: str, expected: Language) -> None:
    assert language_of(kind, PROSE) is expected


def test_who_asks_is_believed() -> None:
    assert language_of("linux", C, "python") is Language.python


def test_an_unknown_language_ends_in_one_line() -> None:
    with pytest.raises(RequestError) as caught:
        language_of("linux", C, "pyton")
    assert "--language pyton" in str(caught.value) and "did you mean 'python'" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.text(max_size=200))
def test_any_text_has_a_language(characters: str) -> None:
    assert likeliest(characters) in Language
