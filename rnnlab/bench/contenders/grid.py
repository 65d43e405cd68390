"""The trials: hidden size x learning rate x seed, for a one-layer LSTM on the standard library's source."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

HIDDEN = (32, 64)
RATES = (1e-3, 2e-3, 4e-3, 8e-3)
SEEDS = (0, 1, 2, 3)
ROWS, WINDOW, EMBEDDING, SLOTS = 32, 64, 64, 2
CHARACTERS = 2_000_000


class Trial(NamedTuple):
    hidden: int
    rate: float
    seed: int


def trials() -> list[Trial]:
    return [Trial(*values) for values in product(HIDDEN, RATES, SEEDS)]


def text() -> str:
    """The first two million characters of the top-level modules, in order of their names."""
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    return "".join(file.read_text(encoding="utf-8", errors="replace") for file in files)[:CHARACTERS]


@lru_cache(maxsize=1)
def rows() -> tuple[Any, int]:
    """The text as int64 (ROWS, length), and how many symbols there are."""
    import numpy as np
    import torch

    codes = np.frombuffer(text().encode("utf-32-le"), dtype=np.uint32)
    symbols = np.flatnonzero(np.bincount(codes))
    ids = np.zeros(codes.max() + 1, dtype=np.int64)
    ids[symbols] = np.arange(len(symbols))
    length = len(codes) // ROWS
    return torch.from_numpy(ids[codes[: ROWS * length]]).view(ROWS, length), len(symbols)


def windows(stream: Any, steps: int) -> Iterator[tuple[Any, Any]]:
    """Inputs and targets (ROWS, WINDOW) of the first ``steps`` windows."""
    for start in range(0, steps * WINDOW, WINDOW):
        yield stream[:, start : start + WINDOW], stream[:, start + 1 : start + WINDOW + 1]
