"""Quotes: against Python's own tokenizer, and by hand in other languages."""

from __future__ import annotations

import numpy as np
import pytest

from rnnlab.features.languages import Language
from tests.features.library import NAMES, known, marked, module, whole_strings


@pytest.mark.parametrize("name", NAMES)
def test_quotes_are_where_the_tokenizer_of_python_has_its_strings(name: str) -> None:
    source = module(name)
    expected_N = np.zeros(len(source), dtype=bool)
    for start, stop in whole_strings(source.characters):
        expected_N[start : stop - 1] = True
    assert expected_N.any()
    np.testing.assert_array_equal(known()["quotes"].of(source), expected_N)


@pytest.mark.parametrize("name", NAMES)
def test_triple_quotes_are_the_strings_that_begin_with_three(name: str) -> None:
    source = module(name)
    expected_N = np.zeros(len(source), dtype=bool)
    for start, stop in whole_strings(source.characters):
        if source.characters[start : start + 3] in ('"""', "'''"):
            expected_N[start : stop - 1] = True
    np.testing.assert_array_equal(known()["triple_quotes"].of(source), expected_N)


@pytest.mark.parametrize(
    ("language", "characters", "expected"),
    [
        (Language.python, "a = 'b' + \"c\"", "....^^....^^."),
        (Language.python, "f'{x[\"k\"]}' + y", ".^^^^^^^^^....."),
        (Language.python, "f'{x:>{w}}' + 'z'", ".^^^^^^^^^....^^."),
        (Language.python, "'%d {0}' % x", "^^^^^^^....."),
        (Language.python, "a = 'never\nb = 'c'", "....^^^^^^.....^^."),
        (Language.python, "a = 'it\\'s'", "....^^^^^^."),
        (Language.python, "'' + ''''''", "^....^^^^^."),
        (Language.python, "x = '''never", "....^^^^^^^^"),
        (Language.c, 'f("a\\"b", \'"\');', "..^^^^^...^^..."),
        (Language.c, '#define A "b"\nx', "..........^^..."),
        (Language.c, 'a("never\nb("c")', "..^^^^^^...^^.."),
        (Language.c, 'L"wide"', ".^^^^^."),
        (Language.c, '// "no"\n"yes"', "........^^^^."),
        (Language.text, 'He said "go", "stay".', "........^^^...^^^^^.."),
        (Language.text, 'a "b\n\nc "d" e', "..^^^...^^..."),
        (Language.text, "\u201cyes\u201d no", "^^^^...."),
        (Language.text, "don't", "....."),
        (Language.xml, '<a b="c">d', ".....^^..."),
        (Language.xml, "&quot;a&quot; b", ".....^^^^^^^..."),
    ],
)
def test_quotes_by_hand(language: Language, characters: str, expected: str) -> None:
    assert marked("quotes", characters, language).rstrip(".") == expected.rstrip(".")
