"""The sweep's Optuna study: what it remembers over sessions, and what Optuna itself reads of it."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path

import optuna
import pytest

from rnnlab.errors import RequestError
from rnnlab.sweep.base import PLACES, Pruner, Pruning, Sampler, Sweep
from rnnlab.sweep.dimensions import Choices, Interval
from rnnlab.sweep.space import Space
from rnnlab.sweep.states import State
from rnnlab.sweep.study import Study, study_name

LEARN = [sampler for sampler in Sampler if sampler.learns]
SPACE = Space(
    (),
    {
        "cell.forget_bias": Interval(0.0, 2.0),
        "optimizer.lr": Interval(1e-4, 1e-1, log=True),
        "cell.hidden_size": Interval(8, 64, log=True, whole=True),
        "stack.depth": Choices(("1", "2", "3")),
        "cell": Choices(("elman", "lstm")),
    },
    owners={"cell.forget_bias": ("lstm",)},
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "study.journal"


def study_on(path: Path, sampler: Sampler = Sampler.tpe, **options: object) -> Study:
    return Study(path, "01234567", Sweep.Config(sampler=sampler, n_trials=9, **options))


def ask(study: Study, space: Space = SPACE) -> tuple[int, dict[str, str]]:
    """A trial that is one of the sweep's."""
    number, varied = study.ask(space)
    study.accept(number, varied, f"hash{number}")
    return number, varied


def loss(varied: dict[str, str]) -> float:
    return (math.log10(float(varied["optimizer.lr"])) + 2) ** 2 + 0.1 * int(varied["stack.depth"])


def optunas(path: Path) -> optuna.Study:
    """The study as any Optuna program opens it."""
    storage = optuna.storages.JournalStorage(optuna.storages.journal.JournalFileBackend(str(path)))
    return optuna.load_study(study_name=study_name("01234567"), storage=storage)


@pytest.mark.parametrize("sampler", LEARN)
def test_a_trial_has_values_of_the_space_and_only_those_of_its_parts(path: Path, sampler: Sampler) -> None:
    study = study_on(path, sampler)
    for _ in range(14):  # ten random draws come first with TPE and GP
        number, varied = ask(study)
        has_bias = {"cell.forget_bias"} if varied["cell"] == "lstm" else set()
        assert set(varied) == {"cell", "optimizer.lr", "cell.hidden_size", "stack.depth"} | has_bias
        assert 1e-4 <= float(varied["optimizer.lr"]) <= 1e-1
        assert 8 <= int(varied["cell.hidden_size"]) <= 64
        assert varied["stack.depth"] in ("1", "2", "3")
        study.tell(number, State.complete, (loss(varied),))
    assert {frozenset(trial.params) for trial in optunas(path).trials} == {
        frozenset(each.varied) for each in study.recorded()
    }


@pytest.mark.parametrize("sampler", LEARN)
def test_sessions_one_after_another_are_one_search_that_does_not_repeat_itself(path: Path, sampler: Sampler) -> None:
    asked = []
    for session in range(4):
        study = study_on(path, sampler)
        assert [each.varied for each in study.recorded()] == asked
        assert [each.number for each in study.recorded()] == list(range(3 * session))
        for _ in range(3):
            number, varied = ask(study)
            asked.append(varied)
            study.tell(number, State.complete, (loss(varied),))
    assert len({varied["optimizer.lr"] for varied in asked}) == len(asked) == 12


@pytest.mark.parametrize("sampler", LEARN)
def test_a_question_that_a_kill_left_without_an_answer_is_forgotten(path: Path, sampler: Sampler) -> None:
    first, _ = ask(study_on(path, sampler))
    study_on(path, sampler).ask(SPACE)
    study = study_on(path, sampler)
    assert [each.number for each in study.recorded()] == [first]
    assert study.outcome(first) is None
    assert [trial.state.name for trial in optunas(path).trials] == ["RUNNING", "FAIL"]
    ask(study)
    assert [each.number for each in study.recorded()] == [0, 2]


@pytest.mark.parametrize("sampler", LEARN)
def test_the_journal_is_json_without_a_pickle(path: Path, sampler: Sampler) -> None:
    study = study_on(path, sampler, pruner=Pruner.hyperband)
    for _ in range(25 if sampler is Sampler.nsga2 else 12):
        number, varied = ask(study)
        study.report(number, 2, 1.0)
        study.tell(number, State.complete, (loss(varied),))
    text = path.read_text(encoding="utf-8")
    assert "optimizer:" not in text and "cma:" not in text and "80049" not in text  # how a pickle begins, in hex
    for line in text.splitlines():
        for value in json.loads(line).values():
            assert not isinstance(value, str) or len(value) < 300


def test_optuna_reads_parameters_values_and_states(path: Path) -> None:
    study = study_on(path)
    asked = [ask(study) for _ in range(5)]
    ends = [State.complete, State.pruned, State.diverged, State.failed]
    for (number, _), state in zip(asked, ends, strict=False):
        study.report(number, 3, 2.0)
        study.report(number, 7, 1.5)
        study.tell(number, state, (1.25,) if state is State.complete else None)
    trials = optunas(path).trials
    assert [trial.state.name for trial in trials] == ["COMPLETE", "PRUNED", "PRUNED", "FAIL", "RUNNING"]
    assert trials[0].values == [1.25]
    assert trials[1].intermediate_values == {3: 2.0, 7: 1.5}
    for trial, (_, varied) in zip(trials, asked, strict=True):
        assert trial.user_attrs["varied"] == varied
        assert trial.params["cell"] == varied["cell"]
        assert trial.params["stack.depth"] == int(varied["stack.depth"])
        assert trial.params["optimizer.lr"] == pytest.approx(float(varied["optimizer.lr"]), rel=1e-5)
    assert optunas(path).best_trial.number == 0


def test_trials_that_were_chosen_elsewhere_are_recorded_once(path: Path) -> None:
    chosen = [SPACE.belonging({key: each.at(k / 3) for key, each in SPACE.dimensions.items()}) for k in range(3)]
    for _ in range(2):
        study = study_on(path, Sampler.grid)
        for number, varied in enumerate(chosen):
            study.begin(number, varied, f"hash{number}", SPACE.dimensions)
            study.tell(number, State.complete, (float(number),))
    assert [each.varied for each in study.recorded()] == chosen
    assert [trial.value for trial in optunas(path).trials] == [0.0, 1.0, 2.0]


def test_a_list_that_has_grown_can_still_be_read(path: Path) -> None:
    study = study_on(path, Sampler.grid)
    for number, values in enumerate([("1", "2", "3"), ("1", "2", "3", "7"), ("one", "7")]):
        study.begin(number, {"a": values[-1]}, f"hash{number}", {"a": Choices(values)})
        study.tell(number, State.complete, (0.0,))
    assert [trial.params["a"] for trial in optunas(path).trials] == [3, "7", "7"]


def test_what_was_told_stays(path: Path) -> None:
    study = study_on(path)
    number, _ = ask(study)
    study.tell(number, State.complete, (1.0,))
    study.tell(number, State.failed, None)
    assert study.outcome(number) == (State.complete, (1.0,))
    assert not study.report(number, 3, 9.0)
    assert study_on(path).outcome(number) == (State.complete, (1.0,))


@pytest.mark.parametrize("values", [None, (math.nan,)])
def test_a_complete_trial_without_its_figure_is_none_for_optuna(path: Path, values: tuple[float] | None) -> None:
    study = study_on(path)
    number, _ = ask(study)
    study.tell(number, State.complete, values)
    assert study.outcome(number) == (State.failed, None)


@pytest.mark.parametrize("sampler", LEARN)
def test_what_is_refused_is_told_and_is_none_of_the_sweeps(path: Path, sampler: Sampler) -> None:
    study = study_on(path, sampler)
    number, _ = study.ask(SPACE)
    study.refuse(number, {"parameters <= 10": 0.5})
    assert study.recorded() == [] and study.outcome(number) == (State.pruned, None)
    (trial,) = optunas(path).trials
    if sampler is not Sampler.cmaes:
        assert [value for key, value in trial.system_attrs.items() if "parameters <= 10" in key] == [0.5]
    assert study_on(path, sampler).recorded() == []


def test_tpe_learns_from_what_is_refused(path: Path) -> None:
    """Of two cells one always breaks a constraint: it is proposed less often than by chance."""
    study = study_on(path)
    cells = Counter[str]()
    for _ in range(40):
        number, varied = study.ask(SPACE)
        cells[varied["cell"]] += 1
        if varied["cell"] == "lstm":
            study.refuse(number, {"parameters <= 10": 1.0})
        else:
            study.accept(number, varied, f"hash{number}")
            study.tell(number, State.complete, (loss(varied),))
    assert cells["elman"] > 2 * cells["lstm"]


def test_two_objectives_have_two_values(path: Path) -> None:
    study = study_on(path, Sampler.nsga2, more_metrics=["parameters"])
    number, _ = ask(study)
    study.tell(number, State.complete, (0.5, 900.0))
    assert study.outcome(number) == (State.complete, (0.5, 900.0))
    assert optunas(path).best_trials[0].values == [0.5, 900.0]
    other, _ = ask(study)
    study.tell(other, State.failed, None)
    assert study.outcome(other) == (State.failed, None)


@pytest.mark.parametrize(
    ("options", "curves", "pruned"),
    [
        # The fourth trial's value at place 5 is beside 1, 2 and 3.
        ({"pruner": Pruner.median, "pruning": Pruning(startup=3)}, 1.9, False),
        ({"pruner": Pruner.median, "pruning": Pruning(startup=3)}, 2.1, True),
        ({"pruner": Pruner.median, "pruning": Pruning(startup=4)}, 9.0, False),
        ({"pruner": Pruner.median, "pruning": Pruning(startup=3, first=6)}, 9.0, False),
        ({"pruner": Pruner.percentile, "pruning": Pruning(startup=3, percentile=25)}, 1.6, True),
        ({"pruner": Pruner.none}, 99.0, False),
        ({"pruner": Pruner.patient}, 99.0, False),
    ],
)
def test_a_trial_is_judged_by_those_before_it(path: Path, options: dict, curves: float, pruned: bool) -> None:
    study = study_on(path, **options)
    for value in (1.0, 2.0, 3.0):
        number, _ = ask(study)
        assert not study.report(number, 5, value)
        study.tell(number, State.complete, (value,))
    number, _ = ask(study)
    assert study.report(number, 5, curves) is pruned


@pytest.mark.parametrize("pruner", list(Pruner))
def test_at_the_last_place_nobody_is_pruned(path: Path, pruner: Pruner) -> None:
    study = study_on(path, pruner=pruner, pruning=Pruning(startup=1, patience=1))
    for value in (1.0, 1.0, 1.0, 50.0, 60.0):
        number, _ = ask(study)
        study.report(number, PLACES - 2, value)
        study.report(number, PLACES - 1, value)
        assert not study.report(number, PLACES, value)
        study.tell(number, State.complete, (value,))


def test_a_journal_that_optuna_cannot_read_is_refused_in_one_line(path: Path) -> None:
    ask(study_on(path))
    with open(path, "a", encoding="utf-8") as file:
        file.write('{"op_code": 6, "trial_id": 77}\n')
    with pytest.raises(RequestError) as error:
        study_on(path)
    assert "\n" not in str(error.value)
