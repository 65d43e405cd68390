"""Plays: a line of its own behind a blank one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from tests.features.library import known

SPEAKERS = st.sampled_from(("ROMEO", "First Citizen", "Lord Mayor", "2nd Citizen"))
SPEECHES = st.text(alphabet="ab, \u00e9:", min_size=1, max_size=30).filter(str.strip)


@given(st.lists(st.tuples(SPEAKERS, SPEECHES), min_size=1, max_size=6))
def test_speakers_are_the_names_that_were_written(turns: list[tuple[str, str]]) -> None:
    characters, expected = "Go.\n\n", [False] * 5
    for name, speech in turns:
        said = f":\n{speech.strip()}\n\n"
        characters += name + said
        expected += [name[0].isupper()] * len(name) + [False] * len(said)
    assert known()["speaker"].of(Source(characters, Language.play)).tolist() == expected
