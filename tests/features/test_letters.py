"""Letters: against the properties of Unicode, one character at a time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from tests.features.library import known


@given(st.text(max_size=100))
def test_capitals_and_digits_are_those_of_unicode(characters: str) -> None:
    source = Source(characters, Language.text)
    assert known()["capital"].of(source).tolist() == [character.isupper() for character in characters]
    assert known()["digit"].of(source).tolist() == [character.isdecimal() for character in characters]
