"""The trials, for a one-layer LSTM on the standard library's source, and the text that all of them read."""

from __future__ import annotations

import argparse
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

HIDDEN = (32, 64)
RATES = (1e-3, 2e-3, 4e-3, 8e-3)
SEEDS = (0, 1, 2, 3)
ROWS, WINDOW, EMBEDDING, SLOTS = 32, 64, 64, 2
CHARACTERS = 2_000_000
TRIALS = 32
CASES = ("grid", "wide")
SPREAD, SHORTEST, LEAST_STEPS = 1.0, 20, 50


class Trial(NamedTuple):
    hidden: int
    rate: float
    seed: int
    steps: int


def dimensions(case: str, steps: int) -> dict[str, tuple[Any, ...]]:
    """The values that each field of a trial takes; the trials are all their combinations.

    grid  hidden size x learning rate x seed, ``steps`` each
    wide  one configuration for ``TRIALS`` different lengths, lognormal about a mean of ``steps``
    """
    if case == "grid":
        return {"hidden": HIDDEN, "rate": RATES, "seed": SEEDS, "steps": (steps,)}
    return {"hidden": (64,), "rate": (2e-3,), "seed": (0,), "steps": lengths(steps)}


def lengths(mean: int) -> tuple[int, ...]:
    """The same ``TRIALS`` different lengths each time, for a mean of ``LEAST_STEPS`` or more."""
    random, found = Random(0), dict[int, None]()
    while len(found) < TRIALS:
        drawn = round(mean * random.lognormvariate(-(SPREAD**2) / 2, SPREAD))
        found[max(SHORTEST, drawn)] = None
    return tuple(found)


def trials(case: str, steps: int) -> list[Trial]:
    return [Trial(*values) for values in product(*dimensions(case, steps).values())]


def requested() -> dict[str, tuple[Any, ...]]:
    """The dimensions that this script's command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--case", choices=CASES, default=CASES[0])
    parser.add_argument("--steps", type=int, default=300)
    arguments = parser.parse_args()
    return dimensions(arguments.case, arguments.steps)


def requested_trials() -> list[Trial]:
    """The same, combined."""
    return [Trial(*values) for values in product(*requested().values())]


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
    """Inputs and targets (ROWS, WINDOW) of ``steps`` windows, from the start again where the text ends."""
    in_a_pass = (stream.shape[1] - 1) // WINDOW
    for step in range(steps):
        start = step % in_a_pass * WINDOW
        yield stream[:, start : start + WINDOW], stream[:, start + 1 : start + WINDOW + 1]
