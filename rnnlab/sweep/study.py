"""The sweep's Optuna study, on its journal: what was tried, how far it got, what it came to.

The scheduler's process is its only writer. ``optuna-dashboard study.journal`` shows it.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnnlab.errors import RequestError
from rnnlab.sweep import journal
from rnnlab.sweep.base import PLACES, Sampler, Sweep
from rnnlab.sweep.dimensions import Dimension
from rnnlab.sweep.evolution import Drawn, draw
from rnnlab.sweep.learning_samplers import make_sampler
from rnnlab.sweep.pruners import make_pruner
from rnnlab.sweep.space import Space
from rnnlab.sweep.states import State

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial, Trial, TrialState

JOURNAL = "study.journal"
VARIED, HASH = "varied", "hash"
"""The attributes of a trial that is one of the sweep's: its values as overrides, and its identity."""
GENERATION, POINT = "generation", "point"
"""Those of a trial that CMA-ES drew."""


def study_name(sweep_id: str) -> str:
    """The name that the study of this sweep has in its journal."""
    return f"rnnlab {sweep_id}"


@dataclass(frozen=True, slots=True)
class Recorded:
    """A trial of the journal. varied: its values of the sweep's dimensions, as overrides have them."""

    number: int
    varied: dict[str, str]
    hash: str


class Study:
    """One study on one journal; needs the lock of the sweep's folder."""

    def __init__(self, path: Path, sweep_id: str, config: Sweep.Config) -> None:
        """Open the journal, or begin it. RequestError where it is damaged or another study's."""
        import optuna

        self._config = config
        self._asked_last: Trial | None = None
        name = study_name(sweep_id)
        journal.check(path, name)
        with quiet():
            try:
                self._storage = journal.open_storage(path)
                self._study = optuna.create_study(
                    storage=self._storage,
                    study_name=name,
                    directions=[direction.value for direction in config.objectives.values()],
                    pruner=make_pruner(config.pruner, config.pruning),
                    load_if_exists=True,
                )
            except (AssertionError, KeyError, TypeError, ValueError) as error:
                raise RequestError(f"{path}: is not a journal that Optuna can read: {error}") from error
            self._id = self._storage.get_study_id_from_name(name)
            self._forget_unaccepted()
            self._study.sampler = make_sampler(config.sampler, config.seed, len(self._trials()))

    @property
    def size(self) -> int:
        """How many trials the study has, those that are not the sweep's among them."""
        return len(self._trials())

    def recorded(self) -> list[Recorded]:
        """The sweep's trials, oldest first."""
        return [
            Recorded(trial.number, trial.user_attrs[VARIED], trial.user_attrs[HASH])
            for trial in self._trials()
            if HASH in trial.user_attrs
        ]

    def begin(self, number: int, varied: Mapping[str, str], hash: str, dimensions: Mapping[str, Dimension]) -> None:
        """Record a trial that was chosen without the study, unless it is there already."""
        if number < len(self._trials()):
            return
        with quiet():
            self._create(varied, dimensions, {VARIED: dict(varied), HASH: hash})

    def ask(self, space: Space) -> tuple[int, dict[str, str]]:
        """A new trial of the sampler's choice, not yet one of the sweep's: its number and values."""
        with quiet():
            return self._evolved(space) if self._config.sampler is Sampler.cmaes else self._asked(space)

    def accept(self, number: int, varied: Mapping[str, str], hash: str) -> None:
        """The trial asked for last is one of the sweep's from now on."""
        trial_id = self._trial_id(number)
        self._storage.set_trial_user_attr(trial_id, VARIED, dict(varied))
        self._storage.set_trial_user_attr(trial_id, HASH, hash)

    def refuse(self, number: int, violations: Mapping[str, float]) -> None:
        """It breaks a constraint by so much, or cannot be composed at all: the sampler learns to keep away."""
        if self._asked_last is not None and self._asked_last.number == number:
            for name, violation in violations.items():
                self._asked_last.set_constraint(name, violation)
        self.tell(number, State.pruned, None)

    def report(self, number: int, place: int, value: float) -> bool:
        """Note a value on the way; True where the pruner would end the trial here. At its very end, never."""
        trial_id = self._trial_id(number)
        if self._storage.get_trial(trial_id).state.is_finished():
            return False
        with quiet():
            self._storage.set_trial_intermediate_value(trial_id, place, value)
            pruner = self._study.pruner
            return place < PLACES and bool(pruner.prune(self._study, self._storage.get_trial(trial_id)))

    def tell(self, number: int, state: State, values: tuple[float, ...] | None) -> None:
        """What the trial came to. What was told before stays: a study does not unlearn."""
        if state is State.complete and (values is None or any(map(math.isnan, values))):
            state, values = State.failed, None  # to Optuna, a trial is complete if it has figures
        with quiet():
            self._study.tell(number, values, _optuna_state(state), skip_if_finished=True)

    def outcome(self, number: int) -> tuple[State, tuple[float, ...] | None] | None:
        """What was told of a trial; None while it has not ended."""
        trial = self._storage.get_trial(self._trial_id(number))
        if not trial.state.is_finished():
            return None
        state = {"COMPLETE": State.complete, "PRUNED": State.pruned}.get(trial.state.name, State.failed)
        return state, tuple(trial.values) if state is State.complete else None

    def _forget_unaccepted(self) -> None:
        """A kill between a question and its acceptance leaves a trial that is nobody's."""
        for trial in self._trials():
            if HASH not in trial.user_attrs and not trial.state.is_finished():
                self._study.tell(trial.number, state=_optuna_state(State.failed))

    def _asked(self, space: Space) -> tuple[int, dict[str, str]]:
        """By Optuna. A setting that some parts lack is asked for after the parts, and only with one that has it."""
        trial = self._asked_last = self._study.ask()
        chosen: dict[str, str] = {}
        for key in sorted(space.dimensions, key=lambda key: key in space.owners):
            if space.belongs(key, chosen):
                chosen[key] = space.dimensions[key].suggested(trial, key)
        return trial.number, {key: chosen[key] for key in space.dimensions if key in chosen}

    def _evolved(self, space: Space) -> tuple[int, dict[str, str]]:
        """By CMA-ES, which knows the point that each trial was made of."""
        from optuna.trial import TrialState

        sign = self._config.direction.sign
        trials = self._trials()
        ended = [
            Drawn(
                trial.user_attrs[GENERATION],
                trial.user_attrs[POINT],
                sign * trial.value if trial.state is TrialState.COMPLETE and trial.value is not None else None,
            )
            for trial in trials
            if trial.state.is_finished()
        ]
        names, number = sorted(space.dimensions), len(trials)
        generation, point = draw(len(names), self._config.seed, number, ended)
        shares = dict(zip(names, point, strict=True))
        varied = space.belonging({key: each.at(shares[key]) for key, each in space.dimensions.items()})
        self._create(varied, space.dimensions, {GENERATION: generation, POINT: point})
        return number, varied

    def _create(
        self, varied: Mapping[str, str], dimensions: Mapping[str, Dimension], attributes: dict[str, Any]
    ) -> None:
        from optuna.trial import TrialState, create_trial

        template = create_trial(
            state=TrialState.RUNNING,
            params={key: dimensions[key].number(value) for key, value in varied.items()},
            distributions={key: dimensions[key].distribution() for key in varied},
            user_attrs=attributes,
        )
        self._storage.create_new_trial(self._id, template)

    def _trials(self) -> list[FrozenTrial]:
        return self._storage.get_all_trials(self._id, deepcopy=False)

    def _trial_id(self, number: int) -> int:
        return self._storage.get_trial_id_from_study_id_trial_number(self._id, number)


def _optuna_state(state: State) -> TrialState:
    from optuna.trial import TrialState

    match state:
        case State.complete:
            return TrialState.COMPLETE
        case State.pruned | State.diverged:
            return TrialState.PRUNED  # a bad trial, which samplers learn from; a failed one they would ignore
        case _:
            return TrialState.FAIL


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna says nothing of its own: neither log lines nor that a part of it is experimental."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            yield
    finally:
        optuna.logging.set_verbosity(before)
