"""What probing costs: the same training with all probes at their default cadence and without, in turn.

A round is one run of each, the order turning with every round, in one process; the ratio is of the processor
time of the two runs of a round, so that other work on the machine counts for little. A look costs the same in a
short run as in a long one: the ratio is that of runs of this length alone.

The cost of probes that are off has nothing to be measured against, since there is no rnnlab without them:
instead, the modules of probes that a run without them has imported are listed. There must be none, and then
nothing of theirs can have run.
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
from rnnlab.config.groups import NAMED, PROBE
from rnnlab.config.source import options
from rnnlab.tracking.folder import RunFolder
from rnnlab.train import run

CONTENDERS = (("elman", 128), ("lstm", 128), ("lstm", 512))
"""Cells and their hidden sizes."""
PROBED = "probe=all"

Timed = Callable[[list[str]], float]
"""Overrides -> processor seconds of the run."""


def probes(
    steps: int, rounds: int, threads: int, say: Callable[[str], None], timed: Timed | None = None
) -> dict[str, Any]:
    """``rows``: one for each contender. ``imported_when_off``: modules of probes that a run without them needed."""
    timed = timed or seconds_of
    short = [overrides(cell, size, 10, threads) for cell, size in CONTENDERS]
    for words in short:  # what is imported and prepared once is no run's cost
        timed(words)
    imported = probe_modules()
    for words in short:
        timed([*words, PROBED])
    rows = []
    for cell, size in CONTENDERS:
        say(f"{cell} of {size} units: {rounds} rounds of {steps} steps with and without")
        found = compared(overrides(cell, size, steps, threads), rounds, timed)
        rows.append({"cell": cell, "hidden_size": size, **found})
    return {"imported_when_off": imported, "rows": rows}


def compared(plain: list[str], rounds: int, timed: Timed) -> dict[str, Any]:
    """The figures of one training, from ``rounds`` pairs of runs."""
    probed = [*plain, PROBED]
    pairs = []
    for number in range(rounds):
        first, second = (plain, probed) if number % 2 == 0 else (probed, plain)
        seconds = {len(words): timed(words) for words in (first, second)}
        pairs.append((seconds[len(plain)], seconds[len(probed)]))
    ratios = [with_them / without for without, with_them in pairs]
    low, _, high = quantiles(ratios, n=4)
    return {
        "without_s": median(without for without, _ in pairs),
        "with_s": median(with_them for _, with_them in pairs),
        "probing_s": median(with_them - without for without, with_them in pairs),
        "ratio": median(ratios),
        "ratio_quarter": low,
        "ratio_three_quarters": high,
        "rounds": rounds,
    }


def overrides(cell: str, hidden_size: int, steps: int, threads: int) -> list[str]:
    """The training that is measured."""
    return [
        f"cell={cell}", f"cell.hidden_size={hidden_size}", "data=python_source", "data.batch_size=32", "bptt.window=64",
        "stack.dropout=0", "device=cpu", f"threads={threads}", f"trainer.max_steps={steps}",
        f"trainer.val_every={steps}", f"trainer.checkpoint_every={steps}", "trainer.final=false", "tracking=none",
    ]  # fmt: skip


def seconds_of(words: list[str]) -> float:
    """The processor time of a run in a folder of its own, which is gone afterwards."""
    experiment = compose(words).experiment
    with tempfile.TemporaryDirectory() as place:
        folder = RunFolder.create(root=Path(place))
        since = time.process_time()
        run(experiment, words, folder=folder, deliver=False)
        return time.process_time() - since


def probe_modules() -> list[str]:
    """The modules of single probes that this process has imported."""
    return sorted({option.written.module for option in options(NAMED[PROBE]).values()} & set(sys.modules))
