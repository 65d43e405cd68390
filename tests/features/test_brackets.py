"""Brackets: against counters that are as simple as can be."""

from __future__ import annotations

import tokenize

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from tests.features.library import NAMES, known, marked, module, python_tokens, whole_strings

DEPTHS = {"parenthesis_depth": "()", "square_depth": "[]", "curly_depth": "{}"}
INSIDE = {"parentheses": "parenthesis_depth", "square_brackets": "square_depth", "curly_brackets": "curly_depth"}


def counted(brackets: list[tuple[int, str]], pair: str, length: int) -> np.ndarray:
    depth_N, depth = np.zeros(length, dtype=np.float32), 0
    for place, bracket in brackets:
        if bracket in pair:
            depth = max(0, depth + (1 if bracket == pair[0] else -1))
            depth_N[place:] = depth
    return depth_N


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("feature", DEPTHS)
def test_depth_is_that_of_the_tokens_of_python_outside_strings(feature: str, name: str) -> None:
    source = module(name)
    in_string_N = np.zeros(len(source), dtype=bool)
    for start, stop in whole_strings(source.characters):
        in_string_N[start:stop] = True
    brackets = [(start, text) for kind, start, _, text in python_tokens(source.characters) if kind == tokenize.OP]
    expected_N = counted(
        [(place, text) for place, text in brackets if text in "()[]{}" and not in_string_N[place]],
        DEPTHS[feature],
        len(source),
    )
    found_N = known()[feature].of(source)
    # inside a formatted string its fields may have brackets, which a tokenizer of older Pythons does not see
    np.testing.assert_array_equal(found_N[~in_string_N], expected_N[~in_string_N])


@given(st.text(alphabet="()[]{} a\n", max_size=200))
def test_depth_in_prose_is_that_of_a_counter_which_forgets_at_blank_lines(characters: str) -> None:
    source = Source(characters, Language.text)
    for feature, (opening, closing) in DEPTHS.items():
        depth, expected = 0, []
        for place, character in enumerate(characters):
            if character == opening:
                depth += 1
            elif character == closing:
                depth = max(0, depth - 1)
            elif (
                character == "\n"
                and characters[:place].rpartition("\n")[2].strip() == ""
                and "\n" in characters[:place]
            ):
                depth = 0
            expected.append(depth)
        assert known()[feature].of(source).tolist() == expected


@given(st.text(alphabet="()[]{};\n a\"'/*#", max_size=200), st.sampled_from(Language))
def test_inside_is_a_depth_above_zero(characters: str, language: Language) -> None:
    source = Source(characters, language)
    for inside, depth in INSIDE.items():
        np.testing.assert_array_equal(known()[inside].of(source), known()[depth].of(source) > 0)


@pytest.mark.parametrize(
    ("language", "characters", "expected"),
    [
        (Language.python, "a = (b\ndef c(d): e", "....^^^.....^^......"),
        (Language.python, "a(b,\n  c if d\n  for e in f)", ".^^^^^^^^^^^^^^^^^^^^^^^^^."),
        (Language.c, "#if A\nif (a &&\n#else\nif (b\n#endif\n}\nint c;", ".........^^^^^^^^^^^^^^^^^^^^^^^^^........"),
        (Language.c, "f(a /* ( */, '(')", ".^^^^^^^^^^^^^^^."),
        (Language.c, "b) + (c)", ".....^^."),
        (Language.c, "#define F(a) (a + \\\n 1)", ".........^^..^^^^^^^^^."),
    ],
)
def test_brackets_by_hand(language: Language, characters: str, expected: str) -> None:
    assert marked("parentheses", characters, language).rstrip(".") == expected.rstrip(".")
