"""Where a diagram's nodes stand and its lines run: nothing lies upon anything else, in any cell."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import registry
from rnnlab.describe.layout import Box, Layout, Route, laid_out
from rnnlab.describe.nets import Net, branching_points
from rnnlab.describe.ranks import ranked
from rnnlab.describe.wiring import Kind, Wiring
from rnnlab.models.equations import read_equation

every_cell = pytest.mark.parametrize("name", registry.names("cell"))


def overlap(a: Box, b: Box, air: float = 0.0) -> bool:
    return abs(a.x - b.x) < a.half_width + b.half_width + air and abs(a.y - b.y) < a.half_height + b.half_height + air


def crossed(route: Route, box: Box) -> bool:
    """Whether a level or upright stretch of a line runs over a box."""
    for (x0, y0), (x1, y1) in pairwise(route.corners[:-1]):
        stretch = Box((x0 + x1) / 2, (y0 + y1) / 2, abs(x1 - x0) / 2, abs(y1 - y0) / 2)
        if overlap(stretch, box):
            return True
    return False


def check(wiring: Wiring, layout: Layout) -> None:
    for a, b in combinations(layout.boxes, 2):
        assert not overlap(a, b, air=4)
    for box in layout.boxes:
        assert box.half_width <= box.x <= layout.width - box.half_width
        assert box.half_height <= box.y <= layout.height - box.half_height
    for route in layout.routes:
        others = [
            box for number, box in enumerate(layout.boxes) if number not in (route.edge.source, route.edge.target)
        ]
        assert not any(crossed(route, box) for box in others)
        assert all(x1 >= x0 - 0.01 for (x0, _), (x1, _) in pairwise(route.corners)), "lines lead from left to right"


@every_cell
def test_nothing_lies_upon_a_node(name: str, wiring_of: Callable[[str], Wiring]) -> None:
    check(wiring_of(name), laid_out(wiring_of(name)))


@every_cell
def test_lines_of_different_sources_never_become_one(name: str, wiring_of: Callable[[str], Wiring]) -> None:
    layout = laid_out(wiring_of(name))
    uprights = {
        (route.edge.source, x0, *sorted((y0, y1)))
        for route in layout.routes
        for (x0, y0), (x1, y1) in pairwise(route.corners)
        if x0 == x1 and y0 != y1
    }
    for (source, x, low, high), (other, x2, low2, high2) in combinations(sorted(uprights), 2):
        assert source == other or x != x2 or high <= low2 or high2 <= low


@every_cell
def test_the_same_cell_is_laid_out_the_same_way(name: str, wiring_of: Callable[[str], Wiring]) -> None:
    assert laid_out(wiring_of(name)) == laid_out(wiring_of(name))


def test_a_chain_is_straight(wired: Callable[..., Wiring]) -> None:
    layout = laid_out(wired("h_t = tanh(exp(sigmoid(W x_t)))"))
    assert len({box.y for box in layout.boxes}) == 1
    assert not layout.dots


def test_states_enter_on_the_left_and_leave_on_the_right(wiring_of: Callable[[str], Wiring]) -> None:
    wiring = wiring_of("lstm")
    boxes = dict(zip(map(id, wiring.nodes), laid_out(wiring).boxes, strict=True))
    left = [boxes[id(node)].x for node in wiring.nodes if node.kind in (Kind.input, Kind.state)]
    right = [boxes[id(node)].x for node in wiring.nodes if node.kind is Kind.output]
    inner = [boxes[id(n)].x for n in wiring.nodes if n.kind not in (Kind.input, Kind.state, Kind.output)]
    assert max(left) < min(inner) and max(inner) < min(right)


@given(st.data())
def test_any_cell_can_be_drawn(data: st.DataObject) -> None:
    """Equations put together at random, each from what stands above it."""
    known = ["x_t", "h_(t-1)", "c_(t-1)"]
    lines = []
    for number in range(data.draw(st.integers(1, 6))):
        terms = data.draw(st.lists(st.sampled_from(known), min_size=1, max_size=4))
        signs = [data.draw(st.sampled_from((" + W ", " * ", " - ", " + p * "))) for _ in terms[1:]]
        inside = terms[0] + "".join(sign + term for sign, term in zip(signs, terms[1:], strict=True))
        lines.append(f"v{number}_t = {data.draw(st.sampled_from(('tanh', 'sigmoid', 'max')))}({inside}, c_(t-1))")
        lines[-1] = lines[-1] if "max" in lines[-1] else lines[-1].replace(", c_(t-1))", ")")
        known.append(f"v{number}_t")
    last = known[-1]
    wiring = Wiring([read_equation(line) for line in (*lines, f"c_t = {last} + x_t", f"h_t = R {last} * c_t")])
    check(wiring, laid_out(wiring))


def test_columns_follow_the_longest_path_and_lanes_pass_the_others() -> None:
    ranks = ranked(4, [(0, 1), (1, 2), (0, 2), (2, 3)], [3])
    assert [[(item.node, item.is_lane) for item in column] for column in ranks.columns][0] == [(0, False)]
    assert {(item.node, item.is_lane) for item in ranks.columns[1]} == {(1, False), (0, True)}
    assert [item.node for item in ranks.columns[3]] == [3]


def test_lines_branch_where_three_stretches_meet() -> None:
    assert branching_points(Net(10.0, [10.0])) == []
    assert branching_points(Net(10.0, [20.0, 30.0], x=5.0)) == [(5.0, 20.0)]
    assert branching_points(Net(20.0, [10.0, 30.0], x=5.0)) == [(5.0, 20.0)]
    assert branching_points(Net(20.0, [10.0], x=5.0)) == []
