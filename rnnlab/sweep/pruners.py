"""Which of Optuna's pruners a sweep has, told in twentieths of a run's budget."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

from rnnlab.sweep.base import PLACES, Pruner, Pruning

if TYPE_CHECKING:
    from optuna.pruners import BasePruner


def make_pruner(kind: Pruner, options: Pruning) -> BasePruner:
    """Optuna's pruner; its steps are our places."""
    from optuna import pruners
    from optuna.exceptions import ExperimentalWarning

    first, reduction = options.first, options.reduction
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        match kind:
            case Pruner.none:
                return pruners.NopPruner()
            case Pruner.median:
                return pruners.MedianPruner(n_startup_trials=options.startup, n_warmup_steps=first)
            case Pruner.percentile:
                return pruners.PercentilePruner(
                    options.percentile, n_startup_trials=options.startup, n_warmup_steps=first
                )
            case Pruner.halving:
                return pruners.SuccessiveHalvingPruner(min_resource=first, reduction_factor=reduction)
            case Pruner.hyperband:
                return pruners.HyperbandPruner(min_resource=first, max_resource=PLACES, reduction_factor=reduction)
            case Pruner.patient:
                return _patient(options.patience, first)


def _patient(patience: int, first: int) -> BasePruner:
    """Ends a trial whose best value is ``patience`` places old.

    Optuna's own waits until values get worse, which the best validation loss so far never does.
    """
    from optuna import Study
    from optuna.pruners import BasePruner
    from optuna.study import StudyDirection
    from optuna.trial import FrozenTrial

    class Patient(BasePruner):
        def prune(self, study: Study, trial: FrozenTrial) -> bool:
            sign = 1 if study.direction is StudyDirection.MINIMIZE else -1
            seen = trial.intermediate_values
            best_place = min(seen, key=lambda place: (sign * seen[place], place))
            return max(seen) >= first and max(seen) - best_place >= patience

    return Patient()
