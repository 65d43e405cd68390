"""Whether a run has solved its task, and what is long about it."""

from __future__ import annotations

import math

from rnnlab.analysis.sweep_runs import NOT_ENDED, SweepRun
from rnnlab.studies.evidence import Evidence

LENGTHS = ("data.length", "data.delay")
ROWS, ACCURACY, LOSS = "val/solved", "val/accuracy", "best/val_loss"
RIGHT, SMALL = 0.95, 0.01
SOLVED = f"{RIGHT:.0%} of the rows wholly right, or for numbers a mean squared error below {SMALL:g}"


def length_key(evidence: Evidence) -> str:
    """The list of lengths that the sweep has."""
    return next((key for key in LENGTHS if key in evidence.sweep.space), LENGTHS[0])


def solved(run: SweepRun) -> bool | None:
    """Whether a run solved its task; one that diverged or failed did not; None for one that has not ended."""
    if run.state in NOT_ENDED:
        return None
    share = next((run.metrics[key] for key in (ROWS, ACCURACY) if key in run.metrics), None)
    if share is not None:
        return share >= RIGHT
    return run.metrics.get(LOSS, math.inf) < SMALL
