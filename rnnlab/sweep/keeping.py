"""Which checkpoints a sweep keeps: those of its best trials, and of whatever can still be gone on with."""

from __future__ import annotations

import bisect
from collections.abc import Callable

from rnnlab.sweep.states import State
from rnnlab.sweep.trial import Trial
from rnnlab.tracking.folder import BEST_CHECKPOINT, LAST_CHECKPOINT, RunFolder


class Keeper:
    """Told of each trial that ends, lets the checkpoints go of complete ones that are not among the best.

    best     how many trials keep theirs; None for all
    sign     1 where lower is better, -1 where higher is
    folders  the folders of a trial's runs
    """

    def __init__(self, best: int | None, sign: int, folders: Callable[[Trial], list[RunFolder]]) -> None:
        self._best, self._sign, self._folders = best, sign, folders
        self._ranked: list[tuple[float, int, Trial]] = []

    def ended(self, trial: Trial, state: State, values: tuple[float, ...] | None) -> None:
        """A pruned trial can be gone on with, and a failed one may be looked at: only complete ones are ranked."""
        if self._best is None or state is not State.complete or values is None:
            return
        bisect.insort(self._ranked, (self._sign * values[0], trial.number, trial), key=lambda entry: entry[:2])
        if len(self._ranked) > self._best:
            *_, worst = self._ranked.pop()
            for folder in self._folders(worst):
                self._let_go(folder)

    @staticmethod
    def _let_go(folder: RunFolder) -> None:
        """A run that somebody is writing again, or that did not come to its end, keeps what it has."""
        if (folder.result() or {}).get("state") == State.complete and not folder.is_locked():
            for name in (LAST_CHECKPOINT, BEST_CHECKPOINT):
                (folder.path / name).unlink(missing_ok=True)
