"""Comments: against Python's own tokenizer, and by hand in other languages."""

from __future__ import annotations

import tokenize

import numpy as np
import pytest

from rnnlab.features.languages import Language
from tests.features.library import NAMES, known, marked, module, python_tokens


@pytest.mark.parametrize("name", NAMES)
def test_comments_are_those_of_the_tokenizer_of_python(name: str) -> None:
    source = module(name)
    expected_N = np.zeros(len(source), dtype=bool)
    for kind, start, stop, _ in python_tokens(source.characters):
        if kind == tokenize.COMMENT:
            expected_N[start:stop] = True
    assert expected_N.any()
    np.testing.assert_array_equal(known()["comments"].of(source), expected_N)


@pytest.mark.parametrize(
    ("language", "characters", "expected"),
    [
        (Language.c, "a /* b */ c // d\ne", "...^^^^^.....^^^.."),
        (Language.c, "a; /* b", "....^^^"),
        (Language.c, '"/*" a', "......"),
        (Language.c, "b */ c /* d */", "^^^.....^^^^^."),
        (Language.c, "/**/ a", ".^^..."),
        (Language.c, "/*/ a", ".^^^^"),
        (Language.c, "// a \\\nb\nc", ".^^^^^^^.."),
        (Language.c, "#define A /* b */ 1", "...........^^^^^...."),
        (Language.xml, "a<!-- b --> c", "....^^^^^^..."),
        (Language.xml, "&lt;!-- b --&gt; c", "......^^^^^^^^^..."),
        (Language.xml, "<!--", "...^"),
    ],
)
def test_comments_by_hand(language: Language, characters: str, expected: str) -> None:
    assert marked("comments", characters, language).rstrip(".") == expected.rstrip(".")
