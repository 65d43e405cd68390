"""What JSON gets of a lesson's blocks."""

from __future__ import annotations

import json
import math

from rnnlab.lessons.blocks import Block, Lines, Picture, Table, Text, numbers_of
from rnnlab.report.markup import Markup


def test_texts_tables_and_lines_give_numbers_and_pictures_none() -> None:
    blocks: list[Block] = [
        Text("said", {"a": 1.5, "pair": (1, 2)}),
        Table("rounded", "title", [{"x": "1.00"}], [{"x": 1.0000001}]),
        Table("rows", "title", [{"y": 2}]),
        Lines("sample", "title", ["one", "two"]),
        Picture("title", "caption", Markup("<svg></svg>")),
    ]
    expected = {"a": 1.5, "pair": [1, 2], "rounded": [{"x": 1.0000001}], "rows": [{"y": 2}], "sample": ["one", "two"]}
    assert numbers_of(blocks) == expected


def test_what_json_has_no_number_for_has_a_word() -> None:
    found = numbers_of([Text("", {"deep": [{"inf": math.inf, "nan": math.nan, "minus": -math.inf}]})])
    assert found == {"deep": [{"inf": "inf", "nan": None, "minus": "-inf"}]}
    json.dumps(found, allow_nan=False)
