"""The picture of the unrolled stack: a cell for each layer and step, and the connections that the stack has."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import combinations
from typing import Any

import pytest

from rnnlab.describe.plan import STEPS
from rnnlab.describe.unrolled import unrolled_diagram
from rnnlab.models.stack import Connections, Stack

SVG = "{http://www.w3.org/2000/svg}"


def drawn(**settings: Any) -> ET.Element:
    return ET.fromstring(unrolled_diagram(Stack.Config(**settings), "LSTM"))


def cells(root: ET.Element) -> list[tuple[str, str]]:
    found = [(g.get("data-layer"), g.get("data-step")) for g in root.iter(f"{SVG}g")]
    return [(layer, step) for layer, step in found if layer is not None and step is not None]


def lines(root: ET.Element, look: str) -> int:
    """Connections of one look, but for those of the legend."""
    groups = [root, *(group for group in root.findall(f"{SVG}g") if group.get("class") != "legend")]
    return sum(path.get("class") == look for group in groups for path in group.findall(f"{SVG}path"))


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("directions", [1, 2])
def test_a_cell_for_each_layer_step_and_direction(depth: int, directions: int) -> None:
    root = drawn(depth=depth, bidirectional=directions == 2)
    assert len(cells(root)) == depth * STEPS * directions
    assert set(cells(root)) == {(str(layer), str(step)) for layer in range(depth) for step in range(STEPS)}
    assert lines(root, "edge matrix lagged") == depth * STEPS * directions


def test_plain_layers_read_the_one_below() -> None:
    root = drawn(depth=3)
    assert (lines(root, "edge matrix"), lines(root, "edge plain")) == (3 * STEPS, STEPS)


def test_residual_layers_add_their_input_where_sizes_agree() -> None:
    stack = Stack.Config(depth=3, connections=Connections.residual)
    for same_size, sums in ((False, 2), (True, 3)):
        root = ET.fromstring(unrolled_diagram(stack, "LSTM", same_size=same_size))
        kinds = [g.get("data-kind") for g in root.findall(f"{SVG}g")]
        assert kinds.count("sum") == sums * STEPS


def test_dense_layers_read_all_below() -> None:
    root = drawn(depth=3, connections=Connections.dense)
    assert lines(root, "edge matrix") == (1 + 2 + 3) * STEPS
    assert lines(root, "edge plain") == 3 * STEPS, "the task reads the layers, not the input"


@pytest.mark.parametrize("settings", [{}, {"bidirectional": True}, {"connections": Connections.dense}])
def test_cells_stand_apart(settings: dict[str, Any]) -> None:
    root = drawn(depth=2, **settings)
    boxes = [
        [float(rect.get(key, "0")) for key in ("x", "y", "width", "height")]
        for group in root.findall(f"{SVG}g")
        for rect in group.findall(f"{SVG}rect")
    ]
    for (x, y, w, h), (x2, y2, w2, h2) in combinations(boxes, 2):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


def test_names_are_escaped() -> None:
    assert "<b>" not in unrolled_diagram(Stack.Config(), "<b>")
