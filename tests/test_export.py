"""Exported programs give the model's own numbers, from the initial state that config.json tells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.contents import Sequences
from rnnlab.data.spec import DataSpec
from rnnlab.data.windows import tensor_of
from rnnlab.export import export, exported_program
from rnnlab.models.backends import Backend
from rnnlab.models.connections import Connections
from rnnlab.models.embeddings.base import Embedding
from rnnlab.models.embeddings.learned import Learned
from rnnlab.models.model import build_model
from rnnlab.models.stack import Stack
from rnnlab.models.tasks.base import Task
from rnnlab.parts import model_for
from rnnlab.rerun import LoadedModel

REGULARISED: dict[str, Any] = {"variational": True, "zoneout": 0.1, "drop_connect": 0.2, "layer_norm": True}


def changed(model: Task) -> Task:
    """Other weights than at the start, where several are 0."""
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.eval()


def language_model(**stack: Any) -> tuple[Task, DataSpec]:
    spec = DataSpec("stream", tuple("abcdefg"), 0, 0, {"train": 90, "val": 5, "test": 5}, 0, "character", "0")
    cell = registry.component("cell", "lstm").Config(name="lstm", hidden_size=6)
    task = registry.component("task", "language_model").Config(name="language_model")
    model = build_model(
        cell, Learned.Config(name="learned", size=6), Stack.Config(**stack, backend=Backend.loop), task, spec
    )
    return changed(model), spec


@pytest.mark.parametrize(
    ("stack", "sizes"),
    [
        ({}, [6, 6]),
        (
            {"depth": 2, "hidden_sizes": [4, 3], "learned_state": True, **REGULARISED},
            [4, 4, 3, 3],
        ),
        ({"depth": 2, "connections": Connections.dense, "learned_state": True}, [6, 6, 6, 6]),
    ],
    ids=["default", "regularised", "dense"],
)
def test_a_language_model_step_by_step(stack: dict[str, Any], sizes: list[int]) -> None:
    model, spec = language_model(**stack)
    program, description = exported_program(model, spec)
    step, inputs = program.module(), description["inputs"][1:]
    assert [entry["shape"] for entry in inputs] == [["rows", size] for size in sizes]
    begin = description["initial_state"]
    if not stack.get("learned_state"):
        assert begin == "zeros"
        begin = {entry["name"]: [0.0] * entry["shape"][1] for entry in inputs}
    state = [torch.tensor(begin[entry["name"]]).expand(3, -1) for entry in inputs]
    symbols = torch.randint(7, (3, 5))
    wanted, _ = model(symbols)
    for t in range(5):
        logits, *state = step(symbols[:, t : t + 1], *state)
        torch.testing.assert_close(logits[:, 0], wanted[:, t], rtol=0, atol=1e-5)


def test_a_classifier_in_two_directions() -> None:
    spec = DataSpec("sequences", (), 3, 4, {"train": 8, "val": 4, "test": 4}, 6, "", "0")
    cell = registry.component("cell", "gru").Config(name="gru", hidden_size=5)
    task = registry.component("task", "classification").Config(name="classification")
    stack = Stack.Config(bidirectional=True, depth=2, learned_state=True)
    model = changed(build_model(cell, Embedding.Config(name="none"), stack, task, spec))
    program, description = exported_program(model, spec)
    names = [entry["name"] for entry in description["inputs"][1:]]
    assert names == ["layer0.forward.h", "layer0.backward.h", "layer1.forward.h", "layer1.backward.h"]
    state = [torch.tensor(description["initial_state"][name]).expand(3, -1) for name in names]
    sequences = torch.randn(3, 6, 3)
    logits, *_ = program.module()(sequences, *state)
    torch.testing.assert_close(logits, model(sequences)[0], rtol=0, atol=1e-5)


def encoder_decoder(data: str, encoder: str, attention: str, *more: str) -> tuple[Task, DataSpec, Sequences]:
    """A model of changed weights, and the items of val; the encoder has the fused kernels of a GRU."""
    parts = [f"data={data}", "task=encoder_decoder", f"encoder={encoder}", f"attention={attention}"]
    sizes = ["cell=gru", "cell.hidden_size=6", "embedding.size=4", "data.examples=12", "data.held_out=6"]
    e = compose([*parts, *sizes, *more]).experiment
    dataset = registry.build("data", e.data)
    spec = dataset.prepare()
    torch.manual_seed(1)
    return changed(model_for(e, spec)), spec, dataset.split("val")


@pytest.mark.parametrize("both_ways", [True, False])
def test_an_encoder_and_decoder_writes_about_words_of_any_length(both_ways: bool) -> None:
    lengths = ["data.length=5", "data.min_length=2", "data.kinds=4"]
    one = "true" if both_ways else "false"
    model, spec, part = encoder_decoder("reverse", "recurrent", "dot", *lengths, f"encoder.bidirectional={one}")
    program, description = exported_program(model, spec)
    assert description["inputs"] == [{"name": "inputs", "shape": ["rows", 5]}, {"name": "lengths", "shape": ["rows"]}]
    assert description["outputs"] == [{"name": "logits", "shape": ["rows", 6, 5]}]
    inputs, steps = tensor_of(part.inputs), tensor_of(part.lengths)
    assert len(set(steps.tolist())) > 1
    wanted, _ = model(inputs, lengths=steps)
    torch.testing.assert_close(program.module()(inputs, steps), wanted, rtol=0, atol=1e-5)


def test_an_encoder_and_decoder_writes_about_pictures() -> None:
    model, spec, part = encoder_decoder("shapes", "cnn", "general", "encoder.size=16", "attention.feed=true")
    program, description = exported_program(model, spec)
    assert description["inputs"] == [{"name": "inputs", "shape": ["rows", 3, 32, 32]}]
    pictures = tensor_of(part.inputs)
    torch.testing.assert_close(program.module()(pictures), model(pictures)[0], rtol=0, atol=1e-5)


def test_what_is_written_can_be_read_with_the_configuration_alone(tmp_path: Path) -> None:
    model, spec, part = encoder_decoder("reverse", "recurrent", "additive", "data.length=3", "data.min_length=1")
    experiment = compose(["data=reverse", "task=encoder_decoder", "encoder=recurrent"]).experiment
    export(LoadedModel("ab12", model, spec, experiment), tmp_path / "model")
    told = json.loads((tmp_path / "model" / "config.json").read_text(encoding="utf-8"))
    program = torch.export.load(tmp_path / "model" / "model.pt2").module()
    inputs, steps = tensor_of(part.inputs), tensor_of(part.lengths)
    assert told["symbols"] == list("abcdefghijklmnopqrstuvwxyz") and told["target_symbols"] == ["", *told["symbols"]]
    read = [[told["target_symbols"][best] for best in row] for row in program(inputs, steps).argmax(-1).tolist()]
    assert read == [[spec.target_symbols[s] for s in row] for row in model(inputs, lengths=steps)[0].argmax(-1)]


def test_what_has_no_other_symbols_to_write_says_so(tmp_path: Path) -> None:
    model, spec = language_model()
    told = export(LoadedModel("ab12", model, spec, compose([]).experiment), tmp_path / "model")
    assert (told["symbols"], told["target_symbols"]) == (list("abcdefg"), [])
