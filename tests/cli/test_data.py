from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rnnlab.config import registry


def test_lists_every_set(cli: Callable[..., Any]) -> None:
    answer = cli("data", "--json")
    assert answer.exit_code == 0
    assert [entry["name"] for entry in answer.data["sets"]] == registry.names("data")
    table = cli("data")
    assert table.exit_code == 0 and "tinyshakespeare" in table.stdout and "GPL-2.0-only" in table.stdout
