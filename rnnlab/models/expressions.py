"""What the right side of a cell's equation is made of, and how LaTeX writes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it stands."""

    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """``W_i`` is letters W, index i; lag is None for a constant, 0 for ``_t`` and 1 for ``_(t-1)``."""

    letters: str
    index: str = ""
    lag: int | None = None

    @property
    def symbol(self) -> str:
        """The name without its time: ``W_i``, ``h``."""
        return f"{self.letters}_{self.index}" if self.index else self.letters


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments, elementwise but for expm and norm."""

    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """The matrix product that two neighbours mean: ``W_i x_t``."""

    matrix: Expr
    vector: Expr


@dataclass(frozen=True, slots=True)
class Binary:
    """operator is one of + - * / ^, elementwise."""

    operator: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Negative:
    """``- operand``"""

    operand: Expr


@dataclass(frozen=True, slots=True)
class Transpose:
    """``operand'``"""

    operand: Expr


Expr: TypeAlias = Number | Name | Call | Product | Binary | Negative | Transpose


def names_in(expression: Expr) -> list[Name]:
    """Every name in an expression, from left to right."""
    match expression:
        case Name():
            return [expression]
        case Number():
            return []
        case Call(_, arguments):
            inside: tuple[Expr, ...] = arguments
        case Product(left, right) | Binary(_, left, right):
            inside = (left, right)
        case Negative(operand) | Transpose(operand):
            inside = (operand,)
    return [name for part in inside for name in names_in(part)]


KNOWN_TO_LATEX = frozenset(
    (
        *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "lambda", "mu", "nu", "xi", "pi"),
        *("rho", "sigma", "tau", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Sigma"),
        *("Phi", "Psi", "Omega", "tanh", "exp", "log", "max", "min", "cos", "sin"),
    )
)
LATEX_NAME = {"sigmoid": r"\sigma", "relu": r"\operatorname{ReLU}", "log_sigmoid": r"\log\sigma"}
LOOSE, SUM, TERM, POWER, TIGHT = range(5)
"""How strongly an expression holds together, for parentheses."""


def latex_of(expression: Expr, around: int = LOOSE) -> str:
    """An expression for LaTeX, in parentheses where what stands around it holds more strongly."""
    text, own = _latex_and_strength(expression)
    return rf"\left({text}\right)" if own < around else text


def _latex_and_strength(expression: Expr) -> tuple[str, int]:
    match expression:
        case Number(value):
            return f"{value:g}", TIGHT
        case Name():
            return _latex_name(expression), TIGHT
        case Call("abs", (inside,)):
            return rf"\left|{latex_of(inside)}\right|", TIGHT
        case Call("sqrt", (inside,)):
            return rf"\sqrt{{{latex_of(inside)}}}", TIGHT
        case Call(function, arguments):
            inner = ", ".join(latex_of(argument) for argument in arguments)
            return rf"{_latex_word(function)}\left({inner}\right)", TIGHT
        case Product(matrix, vector):
            return rf"{latex_of(matrix, POWER)} \, {latex_of(vector, POWER)}", POWER
        case Transpose(operand):
            return rf"{latex_of(operand, TIGHT)}^\top", TIGHT
        case Negative(operand):
            return f"-{latex_of(operand, TERM)}", SUM
        case Binary("/", left, right):
            return rf"\frac{{{latex_of(left)}}}{{{latex_of(right)}}}", TIGHT
        case Binary("^", left, right):
            return f"{{{latex_of(left, TIGHT)}}}^{{{latex_of(right)}}}", POWER
        case Binary("*", left, right):
            sign = r"\," if isinstance(left, Number) else r"\odot"
            return f"{latex_of(left, TERM)} {sign} {latex_of(right, TERM)}", TERM
        case Binary(operator, left, right):
            return f"{latex_of(left, SUM)} {operator} {latex_of(right, TERM)}", SUM


def _latex_name(name: Name) -> str:
    time = {None: "", 0: "t", 1: "t-1"}[name.lag]
    index = ",".join(part for part in (*name.index.split("_"), time) if part)
    return _latex_word(name.letters) + (f"_{{{index}}}" if index else "")


def _latex_word(word: str) -> str:
    if word in KNOWN_TO_LATEX:
        return f"\\{word}"
    if word in LATEX_NAME:
        return LATEX_NAME[word]
    return word if len(word) == 1 else rf"\operatorname{{{word}}}"
