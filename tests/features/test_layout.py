"""Lines: against a walk over the characters, one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from rnnlab.features.layout import level_width, levels
from tests.features.library import known, module

TEXTS = st.text(alphabet="ab \t\n", max_size=120)


@given(TEXTS)
def test_position_in_line_counts_from_the_last_newline(characters: str) -> None:
    found = known()["position_in_line"].of(Source(characters, Language.text)).tolist()
    assert found == [place - characters[: place + 1].rfind("\n") for place in range(len(characters))]


@given(TEXTS)
def test_after_newline_is_true_at_newlines(characters: str) -> None:
    found = known()["after_newline"].of(Source(characters, Language.text)).tolist()
    assert found == [character == "\n" for character in characters]


@given(TEXTS)
def test_indentation_is_the_white_space_of_the_line_so_far(characters: str) -> None:
    widths, expected, lines = [], [], characters.split("\n")
    for line in lines:
        for place in range(len(line)):
            start = line[: place + 1]
            margin = start[: len(start) - len(start.lstrip())]
            expected.append(len(margin.expandtabs(8)))
        expected.append(0)
        if line.strip():
            widths.append(expected[-2])
    found = levels(Source(characters, Language.text)) * level_width(widths)
    np.testing.assert_allclose(found, expected[:-1], rtol=1e-6)


@pytest.mark.parametrize(
    ("widths", "expected"),
    [([], 1), ([0, 0], 1), ([0, 4, 8, 4, 8], 4), ([0, 2, 4, 30, 0, 2], 2), ([8, 16, 8, 0, 8], 8), ([0, 2, 0, 4], 2)],
)
def test_a_level_is_what_lines_most_often_gain(widths: list[int], expected: int) -> None:
    assert level_width(widths) == expected


def test_the_library_of_python_has_levels_of_four() -> None:
    source = module("ast")
    levels_N = known()["indentation"].of(source)
    place = source.characters.index("\n    def visit(self, node):") + len("\n    d") - 1
    assert levels_N[place] == 1 and levels_N[place - 1] == 1 and levels_N[place - 4] == 0.25
    for least in (1, 2, 3):
        np.testing.assert_array_equal(known()[f"indent_over_{least}"].of(source), levels_N > least)
