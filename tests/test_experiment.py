"""What must agree between the parts of an experiment, and the identity of a trial."""

from __future__ import annotations

import pytest

from rnnlab.config.compose import compose
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.experiment import Experiment, check, trial_hash


def experiment(*overrides: str) -> Experiment:
    return compose(list(overrides)).experiment


def spec(shape: str) -> DataSpec:
    return DataSpec(
        shape=shape,
        symbols=("a", "b"),
        input_size=0,
        classes=0 if shape == "stream" else 2,
        sizes={"train": 100, "val": 10, "test": 0},
        max_length=0,
        unit="character",
        fingerprint="0",
    )


@pytest.mark.parametrize(
    ("task", "shape", "fits"),
    [
        ("language_model", "stream", True),
        ("language_model", "sequences", False),
        ("classification", "sequences", True),
        ("classification", "stream", False),
    ],
)
def test_a_task_needs_its_shape_of_data(task: str, shape: str, fits: bool) -> None:
    asked = experiment(f"task={task}")
    if fits:
        check(asked, spec(shape))
    else:
        with pytest.raises(RequestError, match=f"task={task} with data=.*; possible here: task="):
            check(asked, spec(shape))


def test_tied_weights_need_equal_sizes() -> None:
    with pytest.raises(RequestError, match="embedding.size = 64 must equal cell.hidden_size = 32"):
        experiment("task.tie_weights=true", "cell.hidden_size=32")
    with pytest.raises(RequestError, match="embedding=one_hot has no weights to share"):
        experiment("task.tie_weights=true", "embedding=one_hot")
    experiment("task.tie_weights=true", "cell.hidden_size=32", "embedding.size=32")
    two = ("task.tie_weights=true", "stack.depth=2", "embedding.size=24")
    experiment(*two, "stack.hidden_sizes=[32,24]")
    experiment(*two, "stack.connections=dense", "cell.hidden_size=12")
    with pytest.raises(RequestError, match="embedding.size = 24 must equal what the stack gives = 64"):
        experiment(*two, "stack.connections=dense", "cell.hidden_size=32")


def test_two_directions_are_for_sequences() -> None:
    experiment("stack.bidirectional=true", "task=classification")
    with pytest.raises(RequestError, match=r"bidirectional = True: with task=language_model .* task=classification, "):
        experiment("stack.bidirectional=true")


@pytest.mark.parametrize(
    "aside",
    ["seed=3", "threads=1", "device=cpu", "run_name=x", "tracking.store=none", "sweep.seeds=[1]", "data.val_rows=4"],
)
def test_what_cannot_change_a_result_is_no_part_of_the_identity(aside: str) -> None:
    assert trial_hash(experiment(aside)) == trial_hash(experiment())


@pytest.mark.parametrize(
    "change", ["cell=gru", "cell.hidden_size=3", "data=hello", "precision=bfloat16", "optimizer.lr=1", "bptt.window=3"]
)
def test_what_can_change_a_result_is_part_of_the_identity(change: str) -> None:
    assert trial_hash(experiment(change)) != trial_hash(experiment())


def test_a_recipe_and_its_settings_by_hand_are_one_trial() -> None:
    by_hand = experiment("cell=elman", "cell.nonlinearity=relu", "cell.recurrent_start=identity")
    assert trial_hash(experiment("cell=irnn")) == trial_hash(by_hand)
