"""The equations in a cell's docstring, read into a tree: an oracle evaluates it, a page prints and draws it.

The first indented block of a class docstring that has a ``=`` in it holds one equation a line::

    i_t = sigmoid(W_i x_t + R_i h_(t-1) + b_i)        input gate

    equation  left = sum, and after four spaces or more a gloss in words
    sum       term {+ term | - term}
    term      signed {* signed | / signed}            elementwise
    signed    - signed | power
    power     product [^ number]
    product   factor {factor}                         matrix product; the last factor is a vector, or a matrix
    factor    atom {'}                                a prime is the transpose
    atom      number | name | function(sum {, sum}) | (sum)
    name      letters {_index} [_t | _(t-1)]          h_t is h now, h_(t-1) one step earlier, W_i a constant

``name(`` calls a function; ``name (`` with a space is a product, unless the name is one of FUNCTIONS. A left
side without ``_t`` is a constant of the window (``Q = expm(A - A')``); x_t is the input, h_t the output.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import dataclass

from rnnlab.errors import RequestError
from rnnlab.models.expressions import (
    Binary,
    Call,
    Expr,
    Name,
    Negative,
    Number,
    Product,
    Transpose,
    latex_of,
    names_in,
)

FUNCTIONS = {
    **dict.fromkeys(("sigmoid", "tanh", "relu", "exp", "log", "sqrt", "abs", "softplus", "expm", "norm"), 1),
    **dict.fromkeys(("cos", "sin", "silu", "sign", "log_sigmoid", "identity", "positive"), 1),
    **dict.fromkeys(("max", "min"), 2),
}
"""How many arguments a function takes; what each of them computes is oracle.COMPUTE."""


@dataclass(frozen=True, slots=True)
class Equation:
    """One line: what it defines, what that is, what it is called in words, and the line itself without the words."""

    left: Name
    right: Expr
    gloss: str
    text: str


class Unreadable(ValueError):
    """A line is no equation; the message says why."""


def equations_of(cell_class: type) -> list[Equation]:
    """The equations in the docstring of a cell, in their order.

    RequestError, in one line with the cell and the equation: where one cannot be read, uses what no
    line before it defines, or where no line defines the output h_t.
    """
    cell = f"cell={cell_class.__module__.rpartition('.')[2]}"
    lines = equation_lines(inspect.cleandoc(cell_class.__doc__ or ""))
    if not lines:
        raise RequestError(f"{cell}: the docstring of {cell_class.__name__} has no indented block of equations")
    equations: list[Equation] = []
    for line in lines:
        try:
            equation = read_equation(line)
            _check_known(equation, equations, lines)
        except Unreadable as error:
            raise RequestError(f"{cell}: the equation {line.strip()!r}: {error}") from error
        equations.append(equation)
    if Name("h", lag=0) not in [equation.left for equation in equations]:
        raise RequestError(f"{cell}: no equation defines the output h_t; the last is {lines[-1].strip()!r}")
    return equations


def equation_lines(docstring: str) -> list[str]:
    """The lines of the first indented block that has a ``=`` in it; blank lines do not end a block."""
    summary, _, rest = docstring.partition("\n\n")
    if not re.search(r"^\s", rest, re.MULTILINE):  # a block alone below the summary has lost its indentation
        docstring = f"{summary}\n\n{textwrap.indent(rest, '    ')}"
    block: list[str] = []
    for line in [*docstring.splitlines(), "end"]:
        if line[:1].isspace():
            block.append(line)
        elif line and any("=" in indented for indented in block):
            return [indented for indented in block if indented.strip()]
        elif line:
            block = []
    return []


def read_equation(line: str) -> Equation:
    """One line as an Equation. Unreadable says what is wrong with it."""
    left, equals, rest = line.partition("=")
    if not equals:
        raise Unreadable("no '=' in it; one equation a line, and four spaces before its gloss")
    right, *gloss = re.split(r" {4,}", rest.strip(), maxsplit=1)
    defined = _Reader(left).whole()
    if not isinstance(defined, Name) or defined.lag == 1:
        raise Unreadable(f"the left side {left.strip()!r} must be a name such as c_t, or Q for a constant")
    text = f"{left.strip()} = {right}"
    return Equation(defined, _Reader(right).whole(), "".join(gloss), text)


def _check_known(equation: Equation, before: list[Equation], lines: list[str]) -> None:
    """What a line uses must be the input, a constant, a value from a line above, or a value of the step before."""
    defined = {earlier.left for earlier in before}
    if equation.left in defined:
        raise Unreadable(f"an earlier line defines {equation.left.symbol} already")
    left_sides = {line.partition("=")[0].strip() for line in lines}
    for name in names_in(equation.right):
        if equation.left.lag is None and name.lag is not None:
            raise Unreadable(f"{equation.left.symbol} is a constant, and {name.symbol} changes with time; write _t")
        if name.lag == 0 and name.symbol != "x" and name not in defined:
            raise Unreadable(f"no line before it defines {name.symbol}_t")
        if name.lag == 1 and f"{name.symbol}_t" not in left_sides:
            raise Unreadable(f"no line defines {name.symbol}_t, so there is no {name.symbol}_(t-1)")


TOKEN = re.compile(
    r"\s*(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?"
    r"|[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*(?:_\(t-1\))?\(?"
    r"|[-+*/^(),'])"
)


class _Reader:
    """Reads one expression by recursive descent: a method for each line of the grammar above."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        position, text = 0, text.rstrip()
        while position < len(text):
            token = TOKEN.match(text, position)
            if token is None:
                raise Unreadable(f"{text[position:].split()[0]!r} is no number, name or operator")
            # ``name(`` stays one token: without a space before it, the parenthesis is that of a call.
            self.tokens.append(token[0].strip())
            position = token.end()
        self.tokens.append("")

    @property
    def next(self) -> str:
        return self.tokens[0]

    def take(self, wanted: str = "") -> str:
        if wanted and self.next != wanted:
            raise Unreadable(f"{wanted!r} is missing before {shown(self.next)}")
        return self.tokens.pop(0)

    def whole(self) -> Expr:
        found = self.sum()
        if self.next:
            raise Unreadable(f"{shown(self.next)} stands where an operator or the end should be")
        return found

    def sum(self) -> Expr:
        found = self.term()
        while self.next in ("+", "-"):
            found = Binary(self.take(), found, self.term())
        return found

    def term(self) -> Expr:
        found = self.signed()
        while self.next in ("*", "/"):
            found = Binary(self.take(), found, self.signed())
        return found

    def signed(self) -> Expr:
        if self.next == "-":
            self.take()
            return Negative(self.signed())
        return self.power()

    def power(self) -> Expr:
        found = self.product()
        if self.next == "^":
            self.take()
            return Binary("^", found, self.atom())
        return found

    def product(self) -> Expr:
        """Neighbours multiply from the right, so that ``U V x_t`` is U (V x_t)."""
        first = self.factor()
        if not self.next or self.next in "+-*/^),":
            return first
        vector = self.product()
        if isinstance(first, Number) or isinstance(vector, Number):
            raise Unreadable("a number beside another factor: write '*' between them")
        return Product(first, vector)

    def factor(self) -> Expr:
        found = self.atom()
        while self.next == "'":
            self.take()
            found = Transpose(found)
        return found

    def atom(self) -> Expr:
        token = self.take()
        if token == "(":
            found = self.sum()
            self.take(")")
            return found
        if token[:1].isdigit():
            return Number(float(token))
        if not token[:1].isalpha():
            raise Unreadable(f"{shown(token)} stands where a number, a name or '(' should be")
        if token.endswith("(") or token in FUNCTIONS:
            return self.call(token)
        return name_of(token)

    def call(self, token: str) -> Call:
        function = token.removesuffix("(")
        if function == token:
            self.take("(")
        arguments = [self.sum()]
        while self.next == ",":
            self.take()
            arguments.append(self.sum())
        self.take(")")
        if len(arguments) != FUNCTIONS.get(function, len(arguments)):
            raise Unreadable(f"{function} takes {FUNCTIONS[function]}, and has {len(arguments)}")
        return Call(function, tuple(arguments))


def shown(token: str) -> str:
    return repr(token) if token else "the end"


def name_of(token: str) -> Name:
    """``W_i`` or ``h_(t-1)`` as a Name."""
    letters, *parts = token.split("_")
    lag = {"t": 0, "(t-1)": 1}.get(parts[-1]) if parts else None
    return Name(letters, "_".join(parts if lag is None else parts[:-1]), lag)


def latex(equation: Equation) -> str:
    """An equation for LaTeX's mathematics mode; elementwise products are circled."""
    return f"{latex_of(equation.left)} = {latex_of(equation.right)}"
