"""Words: against a walk over the characters; keywords against Python's own list of them."""

from __future__ import annotations

import keyword
import tokenize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from tests.features.library import NAMES, known, marked, module, python_tokens, whole_strings

SOFT = frozenset(("match", "case", "_"))


@given(st.text(alphabet="ab_1\u00e9' \n-", max_size=100))
def test_words_and_places_in_them(characters: str) -> None:
    source = Source(characters, Language.text)
    place, expected = 0, []
    for character in characters:
        place = place + 1 if character.isalnum() or character == "_" else 0
        expected.append(place)
    assert known()["word"].of(source).tolist() == [place > 0 for place in expected]
    found_N = known()["place_in_word"].of(source)
    assert np.nan_to_num(found_N).tolist() == expected
    assert np.isnan(found_N).tolist() == [place == 0 for place in expected]


@pytest.mark.parametrize("name", NAMES)
def test_keywords_are_those_of_python(name: str) -> None:
    source = module(name)
    expected_N, open_N = np.zeros(len(source), dtype=bool), np.ones(len(source), dtype=bool)
    for kind, start, stop, text in python_tokens(source.characters):
        expected_N[start:stop] = kind == tokenize.NAME and keyword.iskeyword(text)
        if text in SOFT:  # keywords in some places only
            open_N[start:stop] = False
    for start, stop in whole_strings(source.characters):  # fields of formatted strings have keywords too
        open_N[start:stop] = False
    assert expected_N.any()
    np.testing.assert_array_equal(known()["keyword"].of(source)[open_N], expected_N[open_N])


def test_keywords_of_c() -> None:
    assert marked("keyword", "if (a) return int_b; // if", Language.c) == "^^.....^^^^^^............."


@pytest.mark.parametrize(
    ("characters", "expected"),
    [
        ("see http://a.b/c?d=1#e now", "..........^^^^^^^^^^^^...."),
        ("(https://a.b) www.c.d, e", "........^^^^.....^^^^^.."),
        ("xwww.a http:/b http://", ".....................^"),
        ("[ftp://a b]", "......^^..."),
        ('"http://a"', ".......^^."),
    ],
)
def test_addresses_on_the_web(characters: str, expected: str) -> None:
    assert marked("url", characters, Language.text).rstrip(".") == expected.rstrip(".")
