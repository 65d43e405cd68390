"""What is looked at, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from rnnlab.errors import RequestError
from rnnlab.inside.subject import open_subject


def test_words_are_refused_in_one_line(cli: Callable, workspace: Path) -> None:
    small = ("cell.hidden_size=4", "trainer.max_steps=2", "tracking.store=none", "bptt.window=8", "data.batch_size=2")
    answer = cli("train", "data=grid", "data.sentences=40", "data.held_out=20", *small, "--json")
    assert answer.exit_code == 0, answer.stderr
    with pytest.raises(RequestError, match="its symbols are words, .* possible with data.unit=character or byte"):
        open_subject("last", None, 100)
