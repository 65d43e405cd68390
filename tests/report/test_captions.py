"""The page of captions: whole, offline, escaped, and a map for each word."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

from rnnlab.report.captions import DARK, Captioned, captions_page


def captioned(**changed: object) -> Captioned:
    weights = [[[0.5, 0.25], [0.25, 0.0]], [[0.25] * 2] * 2, [[0.0, 1.0], [0.0, 0.0]]]
    given = {
        "name": "<b>.png", "png": b"png", "height": 20, "width": 40, "words": ("a", "<dog>"), "weights": weights,
        "log_probability": -0.25,
    } | changed  # fmt: skip
    return Captioned(**given)  # type: ignore[arg-type]


def body_of(page: str) -> ET.Element:
    found = re.search(r"<body>.*</body>", page, re.DOTALL)
    assert found is not None
    return ET.fromstring(found.group())


def test_a_map_for_each_word_and_the_end_lit_where_the_weight_is() -> None:
    body = body_of(captions_page("Run x", [captioned()], datetime(2026, 1, 1, tzinfo=UTC)))
    maps = body.findall(".//svg")
    assert [each.findtext("text") for each in maps] == ["picture", "a", "<dog>", "end"]
    shades = [[float(rect.get("fill-opacity", "")) for rect in each.findall("rect")] for each in maps]
    assert shades == [[], [0.0, DARK / 2, DARK / 2, DARK], [0.0] * 4, [DARK, 0.0, DARK, DARK]]
    first = maps[1].findall("rect")
    assert [(rect.get("x"), rect.get("y"), rect.get("width"), rect.get("height")) for rect in first] == [
        ("0", "0", "64", "32"), ("64", "0", "64", "32"), ("0", "32", "64", "32"), ("64", "32", "64", "32"),
    ]  # fmt: skip


def test_the_page_loads_nothing_and_holds_each_picture_once() -> None:
    page = captions_page("Run x", [captioned(), captioned(weights=None)], datetime(2026, 1, 1, tzinfo=UTC))
    assert page.count("data:image/png;base64,cG5n") == 2 and "http" not in page.replace("http-equiv", "")
    assert "<dog>" not in page and "&lt;dog&gt;" in page and "&lt;b&gt;.png" in page
    body = body_of(page)
    references = [use.get("href") for use in body.iter("use")]
    assert set(references) == {"#picture0"} and len(references) == 3
    assert len(body.findall(".//svg")) == 4 + 1
