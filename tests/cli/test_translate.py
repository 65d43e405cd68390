"""A small model of its own: texts, a whole part, a page, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

SMALL = [
    "task=encoder_decoder", "data=reverse", "encoder=recurrent", "attention=dot", "cell=gru", "cell.hidden_size=8",
    "data.examples=64", "data.held_out=30", "data.length=4", "data.min_length=2", "trainer.max_steps=3",
    "tracking.store=none", "threads=1", "run_name=small",
]  # fmt: skip


def test_texts_a_part_and_a_page(cli: Callable[..., Any], workspace: Path) -> None:
    assert cli("train", *SMALL).exit_code == 0
    answer = cli("translate", "small", "abcd", "zz", "--beam", "2", "--html", "page.html", "--json")
    assert answer.exit_code == 0, answer.stderr
    first, second = answer.data["texts"]
    assert first["text"] == "abcd" and first["written"] == "".join(first["symbols"])
    assert all(len(row) == 4 and abs(sum(row) - 1) < 1e-5 for row in first["attention"])
    page = (workspace / "page.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2 and "abcd" in page
    scored = cli("translate", "small", "--split", "test", "--beam", "1", "--length-penalty", "0", "--json").data
    assert scored["scores"][0]["items"] == 30 and 0 <= scored["scores"][0]["exact"] <= 1
    result = cli("resume", "small", "--json").data["metrics"]
    assert scored["scores"][0]["exact"] == 1 - result["test/error"]
    assert abs(scored["scores"][0]["symbol_error"] - result["test/symbol_error"]) < 1e-12
    for words, line in {
        ("small",): "TEXT: give texts, or --split val or --split test, and not both",
        ("small", "ab", "--split", "val"): "TEXT: give texts, or --split",
        ("small", "--split", "val", "--html", "x.html"): "--html: pictures are of texts",
        ("small", "ab", "--html", "nowhere/x.html"): "--html nowhere/x.html: there is no folder",
        ("small", "ab", "--beam", "28"): "--beam = 28: it must be at most 27, the symbols to choose from",
        ("small", "a1"): "TEXT 'a1': symbol 2, '1', is not among the 26 that the model has seen",
        ("small", ""): "TEXT '': is empty",
    }.items():
        answer = cli("translate", *words)
        assert answer.exit_code == 2 and answer.stderr.count("\n") == 1 and line in answer.stderr, answer.stderr
