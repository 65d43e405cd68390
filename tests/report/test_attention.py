"""The page of attention: every square says its weight, and nothing that was typed becomes markup."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

from rnnlab.report.attention import Alignment, alignments_page, write_alignments

NOW = datetime(2024, 1, 1, tzinfo=UTC)
SHARES = [[0.9, 0.1, 0.0], [0.25, 0.5, 0.25], [0.0, 0.0, 1.0]]


class Elements(HTMLParser):
    """The names of all elements, and their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes)))


def elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Elements()
    parser.feed(page)
    return parser.found


def test_each_weight_is_a_square_in_its_row_and_column() -> None:
    page = alignments_page("Run x", [Alignment("abc", ("X", "Y"), SHARES, "XY", -1.0)], NOW)
    squares = [given for name, given in elements(page) if name == "rect" and given.get("fill-opacity")]
    assert [float(given["fill-opacity"] or 0) for given in squares] == [share for row in SHARES for share in row]
    assert len({given["x"] for given in squares}) == 3 and len({given["y"] for given in squares}) == 3
    told = re.findall(r"<title>(\w+) looked at (\w+): ([\d.]+)</title>", page)
    assert told[0] == ("X", "a", "0.900") and told[-1] == ("end", "c", "1.000") and len(told) == 9


def test_a_sentence_that_did_not_end_has_no_row_for_an_end() -> None:
    page = alignments_page("Run x", [Alignment("ab", ("X",), [[0.5, 0.5]], "X", 0.0)], NOW)
    assert page.count(" looked at ") == 2 and "end looked" not in page


def test_what_was_typed_is_text() -> None:
    bad = '<script>alert("x")</script>'
    page = alignments_page(bad, [Alignment((bad, " "), (bad,), [[0.5, 0.5]] * 2, bad, 0.0)], NOW)
    assert not [name for name, _ in elements(page) if name == "script"]
    assert "␣" in page and "&lt;script&gt;" in page


def test_without_attention_the_page_says_so(tmp_path: Path) -> None:
    write_alignments(tmp_path / "page.html", "Run x", [Alignment("ab", "ba", None, "ba", -0.5)])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Without attention" in page and not [name for name, _ in elements(page) if name == "svg"]
    assert "http" not in page.replace("http-equiv", "")
