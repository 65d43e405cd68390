"""Markup: against expat, the parser of XML that Python brings along."""

from __future__ import annotations

from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.features.base import Source
from rnnlab.features.languages import Language
from tests.features.library import known, marked

NAMES = st.sampled_from(("a", "page", "b-c", "d:e"))
VALUES = st.text(alphabet="xy >'/=\n", max_size=6)
CONTENT = st.text(alphabet="xy \"'>\n/=;!-", max_size=8).map(lambda text: text.replace("]]>", ""))
SPECIAL = st.sampled_from(("&amp;", "&#65;", "<!-- <a> -->", "<![CDATA[<a b>]]>", "<?a <b> ?>"))


@st.composite
def elements(draw: st.DrawFn, deep: int = 3) -> str:
    name = draw(NAMES)
    attributes = "".join(f' {key}{i}="{draw(VALUES)}"' for i, key in enumerate(draw(st.lists(NAMES, max_size=2))))
    children = st.one_of(CONTENT, SPECIAL, elements(deep - 1)) if deep else CONTENT
    inner = "".join(draw(st.lists(children, max_size=3)))
    return f"<{name}{attributes}/>" if not inner and draw(st.booleans()) else f"<{name}{attributes}>{inner}</{name}>"


def expected_labels(characters: str) -> tuple[list[bool], list[float]]:
    """(inside a tag, elements that are open) after each character, by where expat finds elements begin and end."""
    steps: list[tuple[int, int]] = []
    empty: list[bool] = []  # of each open element whether its one tag closes it, as <a/> does
    parser = expat.ParserCreate()

    def begin(name: str, attributes: dict[str, str]) -> None:
        start = parser.CurrentByteIndex
        empty.append(characters[end_of_tag(characters, start) - 1] == "/")
        steps.append((start, 0 if empty[-1] else 1))

    def end(name: str) -> None:
        if not empty.pop():
            steps.append((parser.CurrentByteIndex, -1))

    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.Parse(characters, True)
    inside, depth = [False] * len(characters), [0.0] * len(characters)
    for start, step in steps:
        stop = end_of_tag(characters, start)
        inside[start:stop] = [True] * (stop - start)
        depth[stop:] = [depth[stop] + step] * (len(characters) - stop)
    return inside, depth


def end_of_tag(characters: str, start: int) -> int:
    """The place of the ``>`` that is not in a value."""
    quoted = False
    for place in range(start, len(characters)):
        quoted ^= characters[place] == '"'
        if characters[place] == ">" and not quoted:
            return place
    raise AssertionError("expat accepted it")


@given(elements())
def test_tags_and_depth_are_those_of_expat(characters: str) -> None:
    source = Source(characters, Language.xml)
    inside, depth = expected_labels(characters)
    assert known()["xml_tag"].of(source).tolist() == inside
    assert known()["xml_depth"].of(source).tolist() == depth


@pytest.mark.parametrize(
    ("feature", "characters", "expected"),
    [
        ("xml_entity", "a &amp; b & c; &#65;", "..^^^^.........^^^^."),
        ("xml_tag", "a b='c'>d<e", "^^^^^^^..^^"),
        ("xml_tag", "a < b <c>", "......^^."),
        ("xml_tag", "a </c > <d\n\n/>", "..^^^^..^^^^^."),
    ],
)
def test_markup_by_hand(feature: str, characters: str, expected: str) -> None:
    assert marked(feature, characters, Language.xml).rstrip(".") == expected.rstrip(".")


def test_depth_of_a_text_that_begins_inside_counts_from_its_last_tags() -> None:
    source = Source("text</b> <b>x</b></a><a>", Language.xml)
    assert known()["xml_depth"].of(source).tolist() == [2] * 7 + [1] * 4 + [2] * 5 + [1] * 4 + [0] * 3 + [1]
