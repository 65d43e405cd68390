"""What holds for every feature there is: shapes, any text at all, and that the future is not in it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.features.base import Kind, Source
from rnnlab.features.catalogue import features_for
from rnnlab.features.languages import Language
from tests.features.library import known, module
from tests.features.programs import Program, programs

FEATURES = sorted(known().values(), key=lambda feature: feature.name)
SIGNS = "\"'#/*<>&;!-(){}[]\\\n\t\ra1A :=%f\ud800\u201c\u0661"
TEXTS = st.one_of(st.text(alphabet=SIGNS, max_size=150), st.text(max_size=100))
LEVELS = frozenset(("indentation", "indent_over_1", "indent_over_2", "indent_over_3"))
"""A level is a constant of the whole text; see ``test_indentation_is_the_white_space_of_the_line_so_far``."""
FROM_ITS_END = LEVELS | {"xml_depth"}
"""What counts from the text's least depth, or by a level of the whole text."""


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
@settings(max_examples=30)
@given(characters=TEXTS, language=st.sampled_from(Language))
def test_any_text_has_a_label_at_each_character(feature, characters: str, language: Language) -> None:  # type: ignore[no-untyped-def]
    if not feature.suits(language):
        return
    labels_N = feature.of(Source(characters, language))
    assert labels_N.shape == (len(characters),)
    assert labels_N.dtype == (bool if feature.kind is Kind.binary else np.float32)
    assert not np.isinf(labels_N).any()


@given(characters=TEXTS, cut=st.integers(0, 150), language=st.sampled_from((Language.text, Language.play)))
def test_labels_of_prose_do_not_know_what_follows(characters: str, cut: int, language: Language) -> None:
    """A speaker's name alone is known at the end of its line."""
    part = characters[:cut]
    for feature in features_for(Source(characters, language)):
        if feature.name not in {*LEVELS, "speaker"}:
            whole_N = feature.of(Source(characters, language))
            np.testing.assert_array_equal(feature.of(Source(part, language)), whole_N[: len(part)], feature.name)


def assert_same_up_to(source: Source, cut: int) -> None:
    """A lexer looks ahead, but not beyond the end of a line."""
    part = Source(source.characters[:cut], source.language)
    for feature in features_for(source):
        if feature.name not in FROM_ITS_END:
            np.testing.assert_array_equal(feature.of(part), feature.of(source)[:cut], feature.name)


@pytest.mark.parametrize("name", ("abc", "bisect", "textwrap"))
def test_labels_of_python_do_not_know_the_lines_that_follow(name: str) -> None:
    source = module(name)
    ends = source.line_starts[1:]
    for cut in ends[:: max(1, len(ends) // 12)].tolist():
        assert_same_up_to(source, cut)


@settings(max_examples=40)
@given(program=programs(), share=st.floats(0, 1))
def test_labels_of_c_do_not_know_the_lines_that_follow(program: Program, share: float) -> None:
    ends = Source(program.characters, Language.c).line_starts
    assert_same_up_to(Source(program.characters, Language.c), int(ends[int(share * (len(ends) - 1))]))


def test_all_that_was_asked_for_is_there() -> None:
    assert set(known()) == {
        *("position_in_line", "after_newline", "indentation", "indent_over_1", "indent_over_2", "indent_over_3"),
        *("capital", "digit", "word", "place_in_word", "keyword", "url", "quotes", "triple_quotes", "comments"),
        *("parentheses", "square_brackets", "curly_brackets", "parenthesis_depth", "square_depth", "curly_depth"),
        *("if_block", "loop_block", "function_block", "if_condition", "xml_tag", "xml_depth", "xml_entity", "speaker"),
    }
