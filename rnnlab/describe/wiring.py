"""What the equations of a cell wire together: nodes that compute, and the connections between them.

The notation is the legend of Greff et al. 2017 (arXiv 1503.04069), figure 1. Everything is read from the
equations, so that a cell that nobody has drawn before has a diagram too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any

from rnnlab.describe.reading import RAISED, factors, is_constant, summands, written
from rnnlab.models.equations import Equation
from rnnlab.models.expressions import Binary, Call, Expr, Name, Negative, Product, Transpose, names_in


class Kind(str, Enum):
    """What a node is.

    input: x_t; state: a value of the step before; output: what leaves the step; sum, product, function;
    point: a plain branching point that gives a name to what passes.
    """

    input = "input"
    state = "state"
    output = "output"
    sum = "sum"
    product = "product"
    function = "function"
    point = "point"


class Link(str, Enum):
    """How a connection weighs what it carries, the lightest first.

    plain: not at all, or by one number for all; elementwise: each unit by its own, as a peephole does; matrix.
    """

    plain = "plain"
    elementwise = "elementwise"
    matrix = "matrix"


@dataclass(slots=True)
class Node:
    """``text`` is the sign in it; ``name`` what the equations call its value; ``adds`` the biases left out."""

    kind: Kind
    text: str
    name: str = ""
    gloss: str = ""
    adds: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Edge:
    """From node to node, by their numbers; ``label`` is the weight, or a minus sign; lagged: from the step before."""

    source: int
    target: int
    link: Link
    label: str
    lagged: bool


@dataclass(frozen=True, slots=True)
class Signal:
    """What a node gives, and what is done to it on the way to where it is used."""

    source: int
    link: Link = Link.plain
    weight: str = ""
    negative: bool = False

    @property
    def untouched(self) -> bool:
        return self.link is Link.plain and not self.negative and not self.weight

    def weighted(self, link: Link, weight: str) -> Signal:
        """The same through one more weight; the heavier of the two is how the connection looks."""
        heavier = max(link, self.link, key=list(Link).index)
        return replace(self, link=heavier, weight=f"{weight} {self.weight}".strip())


INPUT, OUTPUT = Name("x", lag=0), Name("h", lag=0)


class Wiring:
    """The nodes of one step in the order of the equations, and their connections.

    ``symbols`` says what letters stand for (``Cell.symbols``): which function, and which are mere numbers.
    """

    def __init__(self, equations: Sequence[Equation], symbols: Mapping[str, Any] | None = None) -> None:
        self.nodes: list[Node] = []
        self.edges: list[Edge] = []
        self._symbols = symbols or {}
        self._known: dict[Expr, Signal] = {}
        steps = [equation for equation in equations if equation.left.lag is not None]
        used = {name for equation in steps for name in names_in(equation.right)}
        states = [equation.left for equation in steps if replace(equation.left, lag=1) in used]
        if INPUT in used:
            self._known[INPUT] = self._node(Kind.input, written(INPUT), [])
        for state in states:
            before = replace(state, lag=1)
            self._known[before] = self._node(Kind.state, written(before), [])
        for equation in steps:
            self._define(equation)
        for name in dict.fromkeys([*states, OUTPUT]):
            self._node(Kind.output, written(name), [self._known[name]])

    def _define(self, equation: Equation) -> None:
        signal = self._signal(equation.right)
        if not signal.untouched or self.nodes[signal.source].kind in (Kind.input, Kind.state):
            signal = self._node(Kind.point, "", [signal])
        node = self.nodes[signal.source]
        node.name = f"{node.name} = {written(equation.left)}" if node.name else written(equation.left)
        node.gloss = node.gloss or equation.gloss
        self._known[equation.left] = signal

    def _node(self, kind: Kind, text: str, inputs: Sequence[Signal]) -> Signal:
        number = len(self.nodes)
        self.nodes.append(Node(kind, text))
        for signal in inputs:
            label = f"\u2212 {signal.weight}".strip() if signal.negative else signal.weight
            lagged = self.nodes[signal.source].kind is Kind.state
            self.edges.append(Edge(signal.source, number, signal.link, label, lagged))
        return Signal(number)

    def _signal(self, expression: Expr) -> Signal:
        """What an expression gives; the same expression twice is one node."""
        if expression not in self._known:
            self._known[expression] = self._made(expression)
        return self._known[expression]

    def _made(self, expression: Expr) -> Signal:
        match expression:
            case _ if is_constant(expression):
                return self._node(Kind.point, written(expression), [])
            case Binary("+" | "-", _, _):
                return self._sum(expression)
            case Binary("*", _, _):
                return self._product(expression)
            case Binary("/", left, right):
                return self._quotient(left, right)
            case Binary("^", base, exponent):
                return self._node(Kind.function, f"( ){written(exponent).translate(RAISED)}", [self._signal(base)])
            case Negative(operand):
                signal = self._signal(operand)
                return replace(signal, negative=not signal.negative)
            case Product(matrix, vector) if is_constant(matrix):
                return self._signal(vector).weighted(Link.matrix, written(matrix, inside=True))
            case Product(matrix, vector):
                return self._node(Kind.function, "\u00d7", [self._signal(matrix), self._signal(vector)])
            case Call(function, arguments):
                return self._call(function, arguments)
            case Transpose(operand):
                return self._node(Kind.function, "\u22a4", [self._signal(operand)])
        raise AssertionError(f"no picture for {expression}")

    def _sum(self, expression: Expr) -> Signal:
        """One node for all that is added. Biases are left out, as in the paper's figure; plain numbers are not."""
        inputs, biases, numbers = [], [], ""
        for negative, term in summands(expression):
            if not is_constant(term):
                signal = self._signal(term)
                inputs.append(replace(signal, negative=signal.negative != negative))
            elif names_in(term):
                biases.append(written(term))
            else:
                numbers += ("\u2212" if negative else "+" if numbers else "") + written(term)
        if len(inputs) == 1 and not numbers:
            return inputs[0]
        if len(inputs) == 1:
            sign, inputs = ("\u2212" if inputs[0].negative else "+"), [replace(inputs[0], negative=False)]
        else:
            sign = "+"
        made = self._node(Kind.sum, f"{numbers}{sign}", inputs)
        self.nodes[made.source].adds = biases
        return made

    def _product(self, expression: Expr) -> Signal:
        """One node for all that is multiplied; what is constant weighs the first connection."""
        parts = factors(expression)
        inputs = [self._signal(part) for part in parts if not is_constant(part)]
        for part in parts:
            if is_constant(part):
                inputs[0] = inputs[0].weighted(self._weighing(part), written(part, inside=True))
        return inputs[0] if len(inputs) == 1 else self._node(Kind.product, "", inputs)

    def _quotient(self, left: Expr, right: Expr) -> Signal:
        if is_constant(right):
            return self._signal(left).weighted(self._weighing(right), f"1/{written(right, inside=True)}")
        below = self._signal(right)
        if is_constant(left):
            return self._node(Kind.function, f"{written(left)}/", [below])
        return self._node(
            Kind.function, "\u00f7", [self._signal(left), replace(below, weight=f"divisor {below.weight}".strip())]
        )

    def _call(self, function: str, arguments: Sequence[Expr]) -> Signal:
        text = str(self._symbols.get(function, function))
        fixed = [written(argument) for argument in arguments if is_constant(argument)]
        inputs = [self._signal(argument) for argument in arguments if not is_constant(argument)]
        return self._node(Kind.function, " ".join([text, *fixed]), inputs)

    def _weighing(self, constant: Expr) -> Link:
        """A learned vector weighs each unit by its own number; one number for all units is no weight."""
        learned = [n for n in names_in(constant) if not isinstance(self._symbols.get(n.symbol), int | float)]
        return Link.elementwise if learned else Link.plain
