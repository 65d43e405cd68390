"""A cell's equations evaluated as they stand, in NumPy float64: slow, plain, and no part of the model.

Shapes: B batch, T time, D input features, H hidden units. A value of a step is (B, H), so that the
product ``W x_t`` of the equations is ``x_BD @ W_HD.T`` here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import expm

from rnnlab.models.equations import Equation
from rnnlab.models.expressions import Binary, Call, Expr, Name, Negative, Number, Product, Transpose, names_in

Array = np.ndarray


def normalised(a: Array) -> Array:
    """Layer normalisation over the H units of each row, without gain and bias (Ba 2016)."""
    mean, variance = a.mean(axis=-1, keepdims=True), a.var(axis=-1, keepdims=True)
    return (a - mean) / np.sqrt(variance + 1e-5)


def sigmoid(a: Array) -> Array:
    return np.exp(-np.logaddexp(0, -a))


COMPUTE: dict[str, Callable[..., Array]] = {
    "sigmoid": sigmoid,
    "log_sigmoid": lambda a: -np.logaddexp(0, -a),
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "cos": np.cos,
    "sin": np.sin,
    "sign": np.sign,
    "softplus": lambda a: np.logaddexp(0, a),
    "silu": lambda a: a * sigmoid(a),
    "max": np.maximum,
    "min": np.minimum,
    "expm": expm,
    "norm": normalised,
    "identity": lambda a: a,
    "positive": lambda a: np.where(a >= 0, a + 0.5, sigmoid(a)),
}
"""Every function of the grammar (equations.FUNCTIONS). positive is that of Feng 2024 (arXiv 2410.01201)."""

OPERATORS: dict[str, Callable[[Array, Array], Array]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "^": np.power,
}


class Unknown(ValueError):
    """The equations use a letter or a function that the cell's symbols do not explain."""


@dataclass(frozen=True, slots=True)
class Oracle:
    """What equations say of a sequence: ``symbols`` are arrays, numbers, and names of functions."""

    equations: Sequence[Equation]
    symbols: Mapping[str, Any]

    def run(self, x_BTD: Array, initial: Mapping[str, Array]) -> dict[str, Array]:
        """Every value that the equations define at each step, by symbol, (B, T, H); ``h`` is the output.

        ``initial`` holds the state before the first step, (B, H) for each of its names.
        """
        constants: dict[Name, Any] = {
            Name(*_split(symbol)): value for symbol, value in self.symbols.items() if not isinstance(value, str)
        }
        for equation in self.equations:
            if equation.left.lag is None:
                constants[equation.left] = self.value(equation.right, constants)
        steps: list[dict[str, Array]] = []
        before = dict(initial)
        for t in range(x_BTD.shape[1]):
            before = self._step(x_BTD[:, t], before, constants)
            steps.append(before)
        return {symbol: np.stack([step[symbol] for step in steps], axis=1) for symbol in steps[0]}

    def _step(self, x_BD: Array, before: Mapping[str, Array], constants: Mapping[Name, Any]) -> dict[str, Array]:
        known = dict(constants) | {Name(*_split(symbol), lag=1): value for symbol, value in before.items()}
        known[Name("x", lag=0)] = x_BD
        now: dict[str, Array] = {}
        for equation in self.equations:
            if equation.left.lag == 0:
                now[equation.left.symbol] = known[equation.left] = self.value(equation.right, known)
        return now

    def value(self, expression: Expr, known: Mapping[Name, Any]) -> Any:
        """An expression as an array, where ``known`` says what its names are."""
        match expression:
            case Number(value):
                return value
            case Name():
                return _looked_up(expression, known)
            case Call(function, arguments):
                return self._function(function)(*(self.value(argument, known) for argument in arguments))
            case Product(matrix, vector):
                left, right = self.value(matrix, known), self.value(vector, known)
                # Values of a step lie in rows, constants stand as they are written.
                in_rows = any(name.lag is not None for name in names_in(vector))
                return right @ left.T if in_rows else left @ right
            case Binary(operator, left, right):
                return OPERATORS[operator](self.value(left, known), self.value(right, known))
            case Negative(operand):
                return -self.value(operand, known)
            case Transpose(operand):
                return self.value(operand, known).T

    def _function(self, name: str) -> Callable[..., Array]:
        meant = self.symbols.get(name, name)
        if not isinstance(meant, str) or meant not in COMPUTE:
            raise Unknown(
                f"{name}(...) calls no known function; a matrix has a space before its parenthesis,"
                f" and symbols() may say which function {name} is"
            )
        return COMPUTE[meant]


def _split(symbol: str) -> tuple[str, str]:
    letters, _, index = symbol.partition("_")
    return letters, index


def _looked_up(name: Name, known: Mapping[Name, Any]) -> Any:
    if name in known:
        return known[name]
    letters = sorted({other.symbol for other in known if other.lag == name.lag})
    raise Unknown(f"nothing says what {name.symbol} is; there are {', '.join(letters)}")
