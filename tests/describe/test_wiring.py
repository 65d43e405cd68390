"""What equations are wired to, in every cell and in small ones whose wiring is known."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from rnnlab.config import registry
from rnnlab.describe.reading import is_constant, written
from rnnlab.describe.wiring import Edge, Kind, Link, Wiring
from rnnlab.models.equations import equations_of
from rnnlab.models.expressions import Binary, Call, Expr, Negative, Product, Transpose, names_in

every_cell = pytest.mark.parametrize("name", registry.names("cell"))


def parts(expression: Expr) -> list[Expr]:
    """An expression and all below it."""
    match expression:
        case Binary(_, left, right) | Product(left, right):
            below = [left, right]
        case Call(_, arguments):
            below = list(arguments)
        case Negative(operand) | Transpose(operand):
            below = [operand]
        case _:
            below = []
    return [expression, *(part for each in below for part in parts(each))]


def named(wiring: Wiring, name: str) -> int:
    return next(number for number, node in enumerate(wiring.nodes) if name in node.name.split(" = "))


def into(wiring: Wiring, node: int) -> list[Edge]:
    return [edge for edge in wiring.edges if edge.target == node]


@every_cell
def test_everything_that_the_equations_name_is_a_node(name: str, wiring_of: Callable[[str], Wiring]) -> None:
    wiring = wiring_of(name)
    for equation in equations_of(registry.component("cell", name)):
        if equation.left.lag is not None:
            named(wiring, written(equation.left))
    texts = {node.text for node in wiring.nodes if node.kind in (Kind.input, Kind.output)}
    assert {"x_t", "h_t"} <= texts


@every_cell
def test_each_matrix_is_a_weighted_connection(name: str, wiring_of: Callable[[str], Wiring]) -> None:
    steps = [e.right for e in equations_of(registry.component("cell", name)) if e.left.lag is not None]
    products = [p for right in steps for p in parts(right) if isinstance(p, Product) and is_constant(p.matrix)]
    weighted = [edge.label for edge in wiring_of(name).edges if edge.link is Link.matrix]
    assert products
    for product in products:
        assert any(written(product.matrix, inside=True) in label for label in weighted), written(product.matrix)


@every_cell
def test_what_comes_from_the_step_before_is_lagged_and_nothing_else(
    name: str, wiring_of: Callable[[str], Wiring]
) -> None:
    wiring = wiring_of(name)
    equations = equations_of(registry.component("cell", name))
    lagged = {written(n) for equation in equations for n in names_in(equation.right) if n.lag == 1}
    assert lagged == {node.text for node in wiring.nodes if node.kind is Kind.state}
    for edge in wiring.edges:
        assert edge.lagged is (wiring.nodes[edge.source].kind is Kind.state)
    assert {wiring.nodes[edge.source].text for edge in wiring.edges if edge.lagged} == lagged


@every_cell
def test_every_state_leaves_and_connections_lead_on(name: str, wiring_of: Callable[[str], Wiring]) -> None:
    wiring = wiring_of(name)
    states = {node.text.removesuffix("_(t-1)") for node in wiring.nodes if node.kind is Kind.state}
    outputs = {node.text.removesuffix("_t") for node in wiring.nodes if node.kind is Kind.output}
    assert outputs == states | {"h"}
    assert all(edge.source < edge.target for edge in wiring.edges)


def test_a_gate_is_one_sum_and_its_function(wired: Callable[..., Wiring]) -> None:
    wiring = wired("h_t = sigmoid(W x_t + R h_(t-1) + b)    a gate")
    gate = named(wiring, "h_t")
    assert (wiring.nodes[gate].text, wiring.nodes[gate].gloss) == ("sigmoid", "a gate")
    (before,) = into(wiring, gate)
    assert wiring.nodes[before.source].kind is Kind.sum
    assert wiring.nodes[before.source].adds == ["b"], "the bias is told, not drawn"
    assert [(e.link, e.label, e.lagged) for e in into(wiring, before.source)] == [
        (Link.matrix, "W", False),
        (Link.matrix, "R", True),
    ]


def test_a_peephole_is_weighted_unit_by_unit(wired: Callable[..., Wiring]) -> None:
    wiring = wired("h_t = W x_t + p * h_(t-1)")
    assert [(e.link, e.label, e.lagged) for e in into(wiring, named(wiring, "h_t"))] == [
        (Link.matrix, "W", False),
        (Link.elementwise, "p", True),
    ]


def test_one_number_for_all_units_is_no_weight(wired: Callable[..., Wiring]) -> None:
    wiring = wired("h_t = W x_t + gamma * h_(t-1)", gamma=0.5)
    assert (into(wiring, named(wiring, "h_t"))[1].link) is Link.plain


def test_of_two_weights_the_heavier_shows(wired: Callable[..., Wiring]) -> None:
    wiring = wired("h_t = gamma * -(p * h_(t-1)) + p * (R x_t)", gamma=0.5)
    assert [(e.link, e.label) for e in into(wiring, named(wiring, "h_t"))] == [
        (Link.elementwise, "\u2212 gamma p"),
        (Link.matrix, "p R"),
    ]


def test_a_bias_alone_makes_no_sum_and_a_number_does(wired: Callable[..., Wiring]) -> None:
    biased = wired("h_t = tanh(W x_t + b)")
    assert not [node for node in biased.nodes if node.kind is Kind.sum]
    complement = wired("z_t = sigmoid(W x_t)", "h_t = (1 - z_t) * h_(t-1)")
    assert [node.text for node in complement.nodes if node.kind is Kind.sum] == ["1\u2212"]


def test_what_is_subtracted_has_its_sign(wired: Callable[..., Wiring]) -> None:
    wiring = wired("h_t = x_t - W (h_(t-1) - x_t)")
    assert [e.label for e in into(wiring, named(wiring, "h_t"))] == ["", "\u2212 W"]


def test_a_product_of_products_is_one_connection(wired: Callable[..., Wiring]) -> None:
    wiring = wired("h_t = tanh(U V x_t)")
    assert [e.label for e in wiring.edges if e.link is Link.matrix] == ["U V"]


def test_the_same_expression_twice_is_one_node(wired: Callable[..., Wiring]) -> None:
    wiring = wired("h_t = tanh(W x_t) + R (h_(t-1) * tanh(W x_t))")
    assert [node.text for node in wiring.nodes].count("tanh") == 1


def test_a_letter_may_stand_for_a_function(wired: Callable[..., Wiring]) -> None:
    wiring = wired("h_t = phi(W x_t + R h_(t-1))", phi="relu")
    assert wiring.nodes[named(wiring, "h_t")].text == "relu"


def test_another_name_for_the_same_value_shares_its_node(wired: Callable[..., Wiring]) -> None:
    wiring = wired("y_t = tanh(W x_t + R y_(t-1))", "h_t = y_t")
    assert named(wiring, "y_t") == named(wiring, "h_t")
