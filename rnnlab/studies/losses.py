"""The best validation loss of each complete run, by option."""

from __future__ import annotations

import math

from rnnlab.studies.comparing import Measure
from rnnlab.studies.evidence import Evidence

KEY = "best/val_loss"
LOSS = Measure("loss", "", ("higher", "lower"))


def losses(evidence: Evidence) -> dict[str, list[float]]:
    """Runs that diverged have none: their share is told apart."""
    return {
        option: [run.metrics[KEY] for run in evidence.complete(runs) if math.isfinite(run.metrics.get(KEY, math.nan))]
        for option, runs in evidence.options.items()
    }
