"""Elements: whatever comes from outside is escaped."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from rnnlab.report.markup import element


def test_children_and_attributes_are_escaped() -> None:
    assert element("p", "a < b", title='say "x"') == '<p title="say &quot;x&quot;">a &lt; b</p>'


def test_elements_inside_elements_are_kept() -> None:
    assert element("p", element("b", "&"), class_="x", hidden=None) == '<p class="x"><b>&amp;</b></p>'


def test_numbers_have_a_tenth() -> None:
    assert element("circle", cx=1.25, cy=2.0, stroke_width=3) == '<circle cx="1.2" cy="2" stroke-width="3"/>'


@given(st.text(st.characters(codec="utf-8", exclude_characters="\r\x00")))
def test_any_text_comes_back_as_text(text: str) -> None:
    found: list[str] = []
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_data(self, data: str) -> None:
            found.append(data)

        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append(tag)
            assert attrs == [("title", text)]

    reader = Reader()
    reader.feed(element("p", text, title=text))
    reader.close()
    assert "".join(found) == text
    assert tags == ["p"]
