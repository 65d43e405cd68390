"""Tokens, and texts that begin in the middle of something."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from rnnlab.features.lexing import LEXERS, tokens_of
from tests.features.library import NAMES, known, module

SIGNS = st.text(alphabet="\"'#/*<>&;!-(){}[]\\\nfa0 :=%", max_size=80)
TAIL = 20_000
SETTLED = 3_000  # characters after which a reader who came in late knows where it is


@pytest.mark.parametrize("language", LEXERS)
@given(characters=st.one_of(SIGNS, st.text(max_size=80)))
def test_tokens_are_the_text_in_order(language: Language, characters: str) -> None:
    tokens = tokens_of(characters, language)
    assert "".join(token.text for token in tokens) == characters
    assert [token.start for token in tokens] == [0, *(token.stop for token in tokens)][: len(tokens)]


@pytest.mark.parametrize("language", sorted(set(Language) - set(LEXERS)))
def test_plays_and_plain_text_have_no_lexer(language: Language) -> None:
    assert tokens_of("a b", language) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_text_of_python_may_begin_anywhere(name: str) -> None:
    """Also in a docstring, whose closing quotes look like opening ones."""
    whole = module(name)
    features = [known()[feature] for feature in ("quotes", "triple_quotes", "comments", "parentheses")]
    expected = {feature.name: feature.of(whole) for feature in features}
    docstrings_N = np.flatnonzero(expected["triple_quotes"][: -2 * SETTLED])
    starts = [*docstrings_N[:: max(1, len(docstrings_N) // 3)].tolist(), len(whole) // 3, len(whole) // 2]
    for start in starts:
        part = Source(whole.characters[start : start + TAIL], Language.python)
        for feature in features:
            found_N, wanted_N = feature.of(part), expected[feature.name][start : start + TAIL]
            np.testing.assert_array_equal(found_N[SETTLED:], wanted_N[SETTLED:], err_msg=f"{feature.name} from {start}")


@pytest.mark.parametrize(
    ("characters", "language", "opening"),
    [
        ('the end of it.\n    """\n    return a\n', Language.python, 'the end of it.\n    """'),
        ("a = 1\n'''doc'''\nb = 2\n", Language.python, None),
        ("of old */ int a; /* b */", Language.c, "of old */"),
        ("int a; /* b */", Language.c, None),
        ("b='c'> d <e>", Language.xml, "b='c'>"),
        ("b <e> >", Language.xml, None),
        ("", Language.python, None),
        ("", Language.c, None),
    ],
)
def test_what_a_text_begins_in_the_middle_of(characters: str, language: Language, opening: str | None) -> None:
    tokens = tokens_of(characters, language)
    assert (opening is None) == (not tokens or tokens[0].text != opening)
    if opening is None and tokens:
        assert len(tokens[0].text) < 8
