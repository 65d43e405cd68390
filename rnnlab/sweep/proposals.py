"""Where a sweep's trials come from: a list that is known beforehand, or a search that learns from results."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

from rnnlab.errors import RequestError
from rnnlab.sweep.keeping import Keeper
from rnnlab.sweep.plan import Plan, where_it_is
from rnnlab.sweep.samplers import DRAWS_A_TRIAL
from rnnlab.sweep.scheduler import Trials
from rnnlab.sweep.space import Space
from rnnlab.sweep.states import State
from rnnlab.sweep.study import Study
from rnnlab.sweep.trial import Trial


class StudyTrials(Trials):
    """The trials of a sweep, each of which its study knows; those that it had before, by their hashes."""

    def __init__(self, plan: Plan, study: Study, keeper: Keeper) -> None:
        self._plan, self._study, self._keeper = plan, study, keeper
        space = plan.draft.space
        self._before: dict[str, Trial] = {}
        for each in study.recorded():
            _check_dimensions(each.varied, space)
            self._before[each.hash] = Trial(each.number, each.varied, space.overrides(each.varied), each.hash)

    @abstractmethod
    def known(self) -> list[Trial]: ...

    @abstractmethod
    def next(self) -> Trial | None: ...

    def begun(self, trial: Trial) -> None:
        self._study.begin(trial.number, trial.varied, trial.hash, self._plan.draft.space.dimensions)

    def report(self, trial: Trial, place: int, value: float) -> bool:
        return self._study.report(trial.number, place, value)

    def ended(self, trial: Trial, state: State, values: tuple[float, ...] | None) -> None:
        self.begun(trial)  # where its runs had ended and the study knew nothing of it
        self._study.tell(trial.number, state, values)
        self._keeper.ended(trial, state, values)


class Listed(StudyTrials):
    """A plan's list; trials of an earlier, other list of the same sweep stay, and come first."""

    def known(self) -> list[Trial]:
        before = list(self._before.values())
        new = [trial for trial in self._plan.trials if trial.hash not in self._before]
        numbered = enumerate(new, start=len(before))
        self._all = [*before, *(Trial(number, each.varied, each.overrides, each.hash) for number, each in numbered)]
        return self._all

    def next(self) -> Trial | None:
        return None

    def begun(self, trial: Trial) -> None:
        """A study numbers its trials itself: where it has lost count of some, with its journal, they come first."""
        for each in self._all[self._study.size : trial.number + 1]:
            super().begun(each)


class Searched(StudyTrials):
    """A search: each trial is the choice of the study's sampler, composed and checked before it counts.

    say: takes a line where the search ends before all trials that were wanted
    """

    def __init__(self, plan: Plan, study: Study, keeper: Keeper, say: Callable[[str], None]) -> None:
        super().__init__(plan, study, keeper)
        self._say = say
        self._trials = dict(self._before)

    def known(self) -> list[Trial]:
        return list(self._before.values())

    def next(self) -> Trial | None:
        if len(self._trials) >= self._plan.expected:
            return None
        for _ in range(DRAWS_A_TRIAL * len(self._plan.draft.space.dimensions)):
            number, varied = self._study.ask(self._plan.draft.space)
            trial = self._accepted(number, varied)
            if trial is not None:
                self._trials[trial.hash] = trial
                return trial
        self._say(f"the search has come to its end: nothing new was found after {len(self._trials)} trials")
        return None

    def _accepted(self, number: int, varied: dict[str, str]) -> Trial | None:
        """The trial; None for a combination that cannot be trained, or was there before: the sampler is told so."""
        draft = self._plan.draft
        try:
            candidate = draft.checks.candidate(draft.space.overrides(varied), where_it_is(varied))
        except RequestError:  # at its corners the space is sound; somewhere between, parts do not go together
            self._study.refuse(number, {"possible": 1.0})
            return None
        if candidate.violations:
            self._study.refuse(number, candidate.violations)
            return None
        if (same := self._trials.get(candidate.hash)) is not None:
            state, values = self._study.outcome(same.number) or (State.failed, None)
            self._study.tell(number, state, values)
            return None
        self._study.accept(number, varied, candidate.hash)
        return Trial(number, varied, candidate.overrides, candidate.hash)


def _check_dimensions(varied: dict[str, str], space: Space) -> None:
    """RequestError for a recorded trial with keys of its own: plugins=... in a journal must not load code."""
    for key, value in varied.items():
        if key not in space.dimensions or not isinstance(value, str):
            raise RequestError(
                f"the sweep's journal has a trial with {key}={value!r}, which is no dimension of this sweep"
            )
