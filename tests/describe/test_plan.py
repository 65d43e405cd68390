"""The five shapes, as a configuration tells them and as they are drawn: what goes into a step, and what comes out."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections import Counter
from itertools import combinations
from typing import Any

import pytest

from rnnlab.config import registry
from rnnlab.config.compose import compose
from rnnlab.data.generated import Generated
from rnnlab.describe.plan import Shape, plan_of
from rnnlab.describe.unrolled import experiment_diagram

SVG = "{http://www.w3.org/2000/svg}"
WRITES = ("task=encoder_decoder", "data=reverse", "encoder=recurrent")
ONE_WAY = "encoder.bidirectional=false"
TAGS = ("task=sequence_labelling", "data=parity")
LABELS = ("task=classification", "data=random_labels")
CAPTIONS = ("task=encoder_decoder", "data=shapes", "encoder=cnn")

CASES: dict[str, tuple[tuple[str, ...], Shape, dict[str, int]]] = {
    "language model": ((), Shape.at_once, {"input": 4, "state": 4, "carried": 1, "answer": 4, "target": 4}),
    "language model, fresh": (("bptt.state=fresh",), Shape.at_once, {"input": 4, "state": 4, "answer": 4, "target": 4}),
    "three steps": (
        ("bptt.window=3", "bptt.state=fresh"),
        Shape.at_once,
        dict.fromkeys(("input", "state", "answer", "target"), 3),
    ),
    "one to one": (
        ("bptt.window=1", "bptt.state=fresh"),
        Shape.one_to_one,
        dict.fromkeys(("input", "state", "answer", "target"), 1),
    ),
    "a window of one, carried": (
        ("bptt.window=1",),
        Shape.at_once,
        dict.fromkeys(("input", "state", "carried", "answer", "target"), 1),
    ),
    "tagging": (TAGS, Shape.at_once, dict.fromkeys(("input", "state", "answer", "target"), 4)),
    "tagging of one step": (
        (*TAGS, "data.length=1"),
        Shape.one_to_one,
        dict.fromkeys(("input", "state", "answer", "target"), 1),
    ),
    "tagging, both ways": (
        (*TAGS, "stack.bidirectional=true"),
        Shape.at_once,
        {"input": 4, "state": 8, "answer": 4, "target": 4},
    ),
    "classification": (LABELS, Shape.many_to_one, {"input": 4, "state": 4, "answer": 1, "target": 1}),
    "classification of one bit": (
        (*LABELS, "data.length=1", "data.examples=2", "data.held_out=2"),
        Shape.one_to_one,
        dict.fromkeys(("input", "state", "answer", "target"), 1),
    ),
    "classification, both ways": (
        (*LABELS, "stack.bidirectional=true"),
        Shape.many_to_one,
        {"input": 4, "state": 8, "pooled": 2, "answer": 1, "target": 1},
    ),
    "classification, mean": (
        (*LABELS, "task.pooling=mean"),
        Shape.many_to_one,
        {"input": 4, "state": 4, "pooled": 4, "answer": 1, "target": 1},
    ),
    "regression": (
        ("task=regression", "data=adding"),
        Shape.many_to_one,
        {"input": 4, "state": 4, "answer": 1, "target": 1},
    ),
    "forecasting": (
        ("task=forecasting", "data=sunspots"),
        Shape.many_to_one,
        {"input": 4, "state": 4, "answer": 1, "target": 1},
    ),
    "captions": (
        CAPTIONS,
        Shape.one_to_many,
        {"input": 4, "state": 2, "summary": 1, "bridge": 1, "answer": 3, "target": 3},
    ),
    "captions, looking": (
        (*CAPTIONS, "attention=dot"),
        Shape.one_to_many,
        {
            "input": 4,
            "state": 2,
            "summary": 1,
            "bridge": 1,
            "memory": 3,
            "query": 3,
            "look": 9,
            "answer": 3,
            "target": 3,
        },
    ),
    "writing": (
        (*WRITES, ONE_WAY),
        Shape.after,
        {"input": 6, "state": 5, "summary": 1, "bridge": 1, "answer": 3, "target": 3},
    ),
    "writing, reading both ways": (
        WRITES,
        Shape.after,
        {"input": 6, "state": 8, "summary": 2, "bridge": 1, "answer": 3, "target": 3},
    ),
    "writing, looking and fed": (
        (*WRITES, ONE_WAY, "attention=additive", "attention.feed=true"),
        Shape.after,
        {
            "input": 6,
            "state": 5,
            "summary": 1,
            "bridge": 1,
            "memory": 3,
            "query": 3,
            "look": 9,
            "fed": 2,
            "answer": 3,
            "target": 3,
        },
    ),
    "writing, state copied": (
        (*WRITES, ONE_WAY, "task.bridge=copy", "stack.depth=2"),
        Shape.after,
        {"input": 6, "state": 10, "bridge": 2, "answer": 3, "target": 3},
    ),
    "writing, no bridge": (
        (*WRITES, ONE_WAY, "task.bridge=none", "attention=dot"),
        Shape.after,
        {"input": 6, "state": 6, "memory": 3, "query": 3, "look": 9, "answer": 3, "target": 3},
    ),
}


def drawn(*words: str) -> ET.Element:
    return ET.fromstring(experiment_diagram(plan_of(compose(list(words)).experiment), "LSTM"))


def arrows(root: ET.Element) -> Counter[str]:
    return Counter(group.get("data-arrow", "") for group in root.iter(f"{SVG}g") if group.get("data-arrow"))


@pytest.mark.parametrize("name", CASES)
def test_shape_and_arrows(name: str) -> None:
    words, shape, expected = CASES[name]
    assert plan_of(compose(list(words)).experiment).shape is shape
    assert arrows(drawn(*words)) == expected


def test_all_five_shapes_are_among_them() -> None:
    assert {shape for _, shape, _ in CASES.values()} == set(Shape)


@pytest.mark.parametrize("name", CASES)
def test_frames_and_losses_stand_apart_and_within_the_picture(name: str) -> None:
    root = drawn(*CASES[name][0])
    _, _, width, height = (float(number) for number in root.get("viewBox", "").split())
    groups = [group for group in root.findall(f"{SVG}g") if group.get("data-box") != "picture"]
    frames = [
        tuple(float(rect.get(key, "0")) for key in ("x", "y", "width", "height"))
        for group in groups
        if group.get("class") != "legend"
        for rect in group.findall(f"{SVG}rect")
    ]
    for x, y, w, h in frames:
        assert x >= 0 and y >= 0 and x + w <= width and y + h <= height
    for (x, y, w, h), (x2, y2, w2, h2) in combinations(frames, 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


@pytest.mark.parametrize("name", CASES)
def test_each_loss_has_its_target_above_it(name: str) -> None:
    plan = plan_of(compose(list(CASES[name][0])).experiment)
    root = drawn(*CASES[name][0])
    losses = [group for group in root.findall(f"{SVG}g") if group.get("data-box") == "loss"]
    assert len(losses) == len(plan.answers) == arrows(root)["target"]
    asked = {group.get("data-step") for group in root.iter(f"{SVG}g") if group.get("data-arrow") == "answer"}
    assert asked == {str(answer.reads[-1]) for answer in plan.answers}


def test_the_last_of_many_steps_is_called_t_and_of_few_by_its_number() -> None:
    def rows(*words: str) -> tuple[Any, ...]:
        plan = plan_of(compose(list(words)).experiment)
        return plan.row.inputs, tuple(answer.target for answer in plan.answers), plan.row.cut

    assert rows() == (("x_1", "x_2", "x_3", "x_T"), ("x_2", "x_3", "x_4", "x_(T+1)"), True)
    assert rows("bptt.window=2") == (("x_1", "x_2"), ("x_2", "x_3"), False)
    assert rows(*WRITES) == (("start", "y_1", "y_(U-1)"), ("y_1", "y_2", "end"), True)


def test_what_attention_looks_with_is_named_and_where_there_is_none_nothing() -> None:
    for name in ("dot", "general", "additive"):
        assert f"attention={name}" in "".join(drawn(*WRITES, f"attention={name}").itertext()).replace("\n", " ")
    assert "look" not in arrows(drawn(*WRITES))


def test_nothing_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("data was drawn")

    monkeypatch.setattr(Generated, "prepare", refuse)
    monkeypatch.setattr(Generated, "split", refuse)
    for words, _, _ in CASES.values():
        drawn(*words)


@pytest.mark.parametrize("connections", ["plain", "residual", "dense"])
@pytest.mark.parametrize("cell", ["elman", "layer_norm_lstm"])
def test_every_task_composes_with_every_kind_of_stack(cell: str, connections: str) -> None:
    """By discovery: a task that is added is drawn too."""
    for name in registry.names("task"):
        task = registry.component("task", name)
        encoders = [each for each in registry.names("encoder") if each != "none"] if task.decodes else ["none"]
        for encoder in encoders:
            words = (f"task={name}", f"encoder={encoder}", f"cell={cell}", "stack.depth=2")
            root = drawn(*words, f"stack.connections={connections}")
            assert arrows(root)["target"] >= 1
            assert arrows(root)["input"] >= 1
