"""The test score of a sweep's best configuration: measured once, after all choices have been made."""

from __future__ import annotations

from typing import Any

from rnnlab.sweep.summary import Row
from rnnlab.sweep.trial import Run, command_line
from rnnlab.sweep.work import Outcome
from rnnlab.tracking.folder import BEST_CHECKPOINT, LAST_CHECKPOINT, RunFolder, runs_root

WINNER = "winner.json"


def measure_winner(folder: RunFolder, best: Row, run: Run, outcome: Outcome) -> dict[str, Any]:
    """Write winner.json: the run, its figures on one stream of validation and test part, and its command.

    What stands there already for this run is taken as it is. A run whose checkpoints are gone has the figures
    that it had: it can be trained again by its command.
    """
    if (folder.path / WINNER).exists():
        before: dict[str, Any] = folder.read_json(WINNER)
        if before["run_id"] == run.id:
            return before
    trained = RunFolder(runs_root() / run.id)
    has_weights = any((trained.path / name).exists() for name in (BEST_CHECKPOINT, LAST_CHECKPOINT))
    winner = {
        "run_id": run.id,
        "trial": best.trial.number,
        "metrics": (_final_figures(trained) if has_weights else {}) | outcome.metrics,
        "command": command_line(run.overrides),
    }
    folder.write_json(WINNER, winner)
    return winner


def _final_figures(folder: RunFolder) -> dict[str, float]:
    """The run's best weights on validation and test part, on the machine and with the threads it was trained with."""
    from rnnlab.config.compose import restore
    from rnnlab.parts import Show, assemble, stream_figures
    from rnnlab.training.device import repeatable

    experiment = restore(folder.config())
    with repeatable(experiment.threads):
        parts = assemble(experiment, Show())
        return stream_figures(parts, folder, Show())
