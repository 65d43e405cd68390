"""What probing costs: the same short training with all probes at their default cadence and without, in turn.

A round is one run of each, the order turning with every round, in one process; the ratio is of the wall time of
the two runs of a round. The cost of probes that are off has nothing to be measured against, since there is no
rnnlab without them: instead, the modules of probes that a run without them has imported are listed. There must
be none, and then nothing of theirs can have run.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rnnlab.config.compose import compose
from rnnlab.config.source import options
from rnnlab.probes.groups import PROBES
from rnnlab.tracking.folder import RunFolder
from rnnlab.train import run

CELLS = ("elman", "lstm")
PROBED = "probe=all"

Timed = Callable[[list[str]], float]
"""Overrides -> seconds of the run."""


def probes(
    steps: int, rounds: int, threads: int, say: Callable[[str], None], timed: Timed | None = None
) -> dict[str, Any]:
    """``rows``: one for each cell. ``imported_when_off``: modules of probes that a run without them needed."""
    timed = timed or seconds_of
    plain = {cell: overrides(cell, steps, threads) for cell in CELLS}
    for cell in CELLS:  # what is imported and prepared once is no run's cost
        timed(plain[cell])
    imported = probe_modules()
    for cell in CELLS:
        timed([*plain[cell], PROBED])
    rows = []
    for cell in CELLS:
        say(f"{cell}: {rounds} rounds of {steps} steps with and without")
        rows.append(compared(cell, plain[cell], rounds, timed))
    return {"imported_when_off": imported, "rows": rows}


def compared(cell: str, plain: list[str], rounds: int, timed: Timed) -> dict[str, Any]:
    """The row of one cell, from ``rounds`` pairs of runs."""
    probed = [*plain, PROBED]
    pairs = []
    for number in range(rounds):
        first, second = (plain, probed) if number % 2 == 0 else (probed, plain)
        seconds = {len(words): timed(words) for words in (first, second)}
        pairs.append((seconds[len(plain)], seconds[len(probed)]))
    ratios = [with_them / without for without, with_them in pairs]
    low, _, high = quantiles(ratios, n=4)
    return {
        "cell": cell,
        "without_s": median(without for without, _ in pairs),
        "with_s": median(with_them for _, with_them in pairs),
        "probing_s": median(with_them - without for without, with_them in pairs),
        "ratio": median(ratios),
        "ratio_quarter": low,
        "ratio_three_quarters": high,
        "rounds": rounds,
    }


def overrides(cell: str, steps: int, threads: int) -> list[str]:
    """The training that is measured."""
    return [
        f"cell={cell}", "cell.hidden_size=128", "data=python_source", "data.batch_size=32", "bptt.window=64",
        "stack.dropout=0", "device=cpu", f"threads={threads}", f"trainer.max_steps={steps}",
        f"trainer.val_every={steps}", f"trainer.checkpoint_every={steps}", "trainer.final=false", "tracking=none",
    ]  # fmt: skip


def seconds_of(words: list[str]) -> float:
    """The wall time of a run in a folder of its own, which is gone afterwards."""
    experiment = compose(words).experiment
    with tempfile.TemporaryDirectory() as place:
        folder = RunFolder.create(root=Path(place))
        since = time.perf_counter()
        run(experiment, words, folder=folder, deliver=False)
        return time.perf_counter() - since


def probe_modules() -> list[str]:
    """The modules of single probes that this process has imported."""
    return sorted({option.written.module for option in options(PROBES).values()} & set(sys.modules))
