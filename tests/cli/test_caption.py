"""A small model of its own: pictures, a whole part, a page, and what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")

SMALL = [
    "recipe=captions", "cell=gru", "cell.hidden_size=8", "encoder.size=16", "embedding.size=8", "data.examples=64",
    "data.held_out=30", "data.batch_size=4", "trainer.max_steps=3", "tracking.store=none", "threads=1",
    "run_name=small",
]  # fmt: skip


def test_pictures_a_part_and_a_page(cli: Callable[..., Any], workspace: Path) -> None:
    assert cli("train", *SMALL).exit_code == 0
    image.new("RGB", (50, 40), (200, 30, 30)).save(workspace / "red.png")
    image.new("L", (32, 32), 90).save(workspace / "grey.jpg")
    answer = cli("caption", "small", "red.png", "grey.jpg", "--beam", "3", "--html", "page.html", "--json")
    assert answer.exit_code == 0, answer.stderr
    first, second = answer.data["images"]
    assert first["image"] == "red.png" and first["log_probability"] < 0
    assert all(math.isclose(sum(map(sum, rows)), 1, abs_tol=1e-5) and len(rows) == 8 for rows in first["attention"])
    page = (workspace / "page.html").read_text(encoding="utf-8")
    assert page.count("<svg") == 2 + len(first["attention"]) + len(second["attention"])
    alone = cli("caption", "small", "grey.jpg", "--beam", "3")
    assert " ".join(second["sentence"]) in alone.stdout and f"{second['log_probability']:.3f}" in alone.stdout
    scored = cli("caption", "small", "--split", "test", "--beam", "1", "--json").data
    shares = {row[""]: row for row in scored["shares"]}
    assert {"exact", "meaning"} <= set(shares) and shares["meaning"]["of"] == 30
    assert set(scored["scores"]) == {"bleu1", "bleu2", "bleu3", "bleu4", "rouge_l"}
    result = cli("resume", "small", "--json").data["metrics"]
    assert shares["exact"]["share"] == 1 - result["test/error"]
    (workspace / "broken.png").write_bytes(b"no picture")
    for words, line in {
        ("small",): "IMAGE: give pictures, or --split val or --split test, and not both",
        ("small", "red.png", "--split", "val"): "IMAGE: give pictures",
        ("small", "--split", "val", "--html", "x.html"): "--html: maps are of pictures",
        ("small", "red.png", "--html", "nowhere/x.html"): "--html nowhere/x.html: there is no folder",
        ("small", "red.png", "--beam", "99"): "--beam = 99: it must be at most 18, the symbols to choose from",
        ("small", "missing.png"): "missing.png: no such file",
        ("small", "broken.png", "--html", "x.html"): "broken.png: cannot be read as PNG or JPEG",
    }.items():
        answer = cli("caption", *words)
        assert answer.exit_code == 2 and answer.stderr.count("\n") == 1 and line in answer.stderr, answer.stderr
    assert not (workspace / "x.html").exists()
