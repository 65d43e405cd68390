"""What is counted without building a model is what the built model has."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
import torch

import rnnlab
from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError
from rnnlab.experiment import Experiment
from rnnlab.models.model import build_model
from rnnlab.sweep.sizes import parameters_of

SIZES = {"train": 90, "val": 5, "test": 5}


def described(shape: str, symbols: str = "", **more: Any) -> DataSpec:
    return DataSpec(shape, tuple(symbols), 0 if symbols else 3, 4, SIZES, 6, "", "0", **more)


SPECS = {
    "a text": described("stream", "abcdefg"),
    "vectors": described("sequences"),
    "labelled words": described("sequences", "abcde"),
    "marked vectors": described("steps"),
    "vectors with numbers": described("numbers"),
    "a series": described("series", target_length=2),
    "pairs": described("pairs", "abcde", target_symbols=("", *"vwxyz"), target_length=4),
}
READ = [
    (task, data)
    for task, (data, spec) in itertools.product(registry.names("task"), SPECS.items())
    if registry.component("task", task).shape == spec.shape
]
EVERY = [
    (cell, embedding, *read)
    for cell, embedding, read in itertools.product(registry.names("cell"), registry.names("embedding"), READ)
]


def test_every_task_is_counted() -> None:
    assert {task for task, _ in READ} == set(registry.names("task"))


def built(experiment: Experiment, spec: DataSpec) -> int:
    parts = (experiment.cell, experiment.embedding, experiment.stack, experiment.task)
    model = build_model(*parts, spec, experiment.encoder, experiment.attention)
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)


@pytest.mark.parametrize(("cell", "embedding", "task", "data"), EVERY)
def test_the_count_is_that_of_the_built_model(cell: str, embedding: str, task: str, data: str) -> None:
    words = [f"cell={cell}", f"embedding={embedding}", f"task={task}", "cell.hidden_size=5", "stack.depth=2"]
    words += ["encoder=recurrent", "attention=general"] * registry.component("task", task).decodes
    experiment, spec = compose(words).experiment, SPECS[data]
    try:
        expected = built(experiment, spec)
    except RequestError as error:
        with pytest.raises(RequestError) as refused:
            parameters_of(experiment, spec)
        assert str(refused.value) == str(error)
        return
    assert parameters_of(experiment, spec) == expected > 0


@pytest.mark.parametrize(
    "words", [["cell=irnn"], ["task.tie_weights=true", "embedding.size=6", "cell.hidden_size=6"], ["stack=char_rnn"]]
)
def test_recipes_and_shared_weights_are_counted_right(words: list[str]) -> None:
    experiment = compose(words).experiment
    assert parameters_of(experiment, SPECS["a text"]) == built(experiment, SPECS["a text"])


def test_it_is_the_figure_that_a_run_reports(workspace: object) -> None:
    words = ["data=hello", "trainer=smoke", "bptt.window=4", "data.batch_size=1", "cell.hidden_size=7", "tracking=none"]
    result = rnnlab.train([*words, "trainer.final=false", "threads=1"])
    experiment = compose(words).experiment
    assert parameters_of(experiment, registry.build("data", experiment.data).prepare()) == result.parameters


def test_a_model_larger_than_any_memory_is_counted_and_nothing_is_drawn() -> None:
    before = torch.get_rng_state()
    count = parameters_of(compose(["cell.hidden_size=1000000"]).experiment, SPECS["a text"])
    assert count > 4 * 1_000_000**2
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.empty(1).device.type == "cpu"


def test_what_is_not_part_of_the_size_does_not_change_it_and_what_is_does() -> None:
    def count(*words: str, spec: str = "a text") -> int:
        return parameters_of(compose(["cell.hidden_size=8", *words]).experiment, SPECS[spec])

    assert count() == count("optimizer.lr=0.1", "stack.dropout=0.1", "seed=3")
    assert len({count(), count("stack.depth=2"), count("cell=gru"), count("embedding.size=3")}) == 4
    experiment = compose([]).experiment
    assert parameters_of(experiment, described("stream", "abcdefgh")) > parameters_of(experiment, SPECS["a text"])
