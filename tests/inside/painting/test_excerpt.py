"""An excerpt read back as a browser reads it: the text, and a class for each character."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.errors import RequestError
from rnnlab.inside.painting.excerpt import LONGEST, row_starts, rows, sign, stretch
from tests.inside.made_up import EVIL


class Painted(HTMLParser):
    """rows: of each row its runs, (class, text). names: every element that there is."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[list[str]]] = []
        self.names: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        look = dict(attrs).get("class") or ""
        if look == "row":
            self.rows.append([])
        if tag == "i":
            self.rows[-1].append([look, ""])

    def handle_data(self, data: str) -> None:
        self.rows[-1][-1][1] += data


def test_every_character_has_its_look() -> None:
    found = Painted("".join(rows(EVIL, [f"v{place}" for place in range(len(EVIL))])))
    runs = [run for row in found.rows for run in row]
    assert "".join(text for _, text in runs) == "".join(map(sign, EVIL))
    assert [look for look, _ in runs] == [f"v{place}" for place in range(len(EVIL))]
    assert found.names == {"div", "i"}


@given(st.text(alphabet="ab\n", min_size=1, max_size=20), st.integers(1, 3))
def test_rows_are_lines_and_pieces_of_long_ones(text: str, longer: int) -> None:
    text = text.replace("b", "b" * LONGEST * longer)
    starts = list(row_starts(text))
    pieces = [text[start:stop] for start, stop in zip(starts, [*starts[1:], len(text)], strict=True)]
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= LONGEST and "\n" not in piece[:-1] for piece in pieces)
    assert all(piece.endswith("\n") or len(piece) == LONGEST for piece in pieces[:-1])
    whole = sum(-(-len(line) // LONGEST) for line in text.splitlines(keepends=True))
    assert len(pieces) == whole, "no piece is shorter than it must be"


def test_neighbours_that_look_alike_share_an_element() -> None:
    (row,) = Painted("".join(rows("aab", ["v7", "v7", "v8"]))).rows
    assert row == [["v7", "aa"], ["v8", "b"]]


def test_a_row_says_where_it_starts() -> None:
    starts = [re.findall('data-start="([0-9]+)"', row) for row in rows("a\nbc\nd", "xxxxxx", numbered=True)]
    assert starts == [["0"], ["2"], ["5"]]


def test_a_stretch_is_whole_rows() -> None:
    text = "one\ntwo\nthree"
    assert [text[stretch(text, first, 2)] for first in (1, 2, 3)] == ["one\ntwo\n", "two\nthree", "three"]
    with pytest.raises(RequestError, match="--first 4: the text has lines 1 to 3"):
        stretch(text, 4, 1)
