"""Small questions about expressions: are they constant, what is added or multiplied, how are they written."""

from __future__ import annotations

from rnnlab.models.expressions import Binary, Call, Expr, Name, Negative, Number, Product, Transpose, names_in

SIGNS = {"-": "\u2212", "*": "\u00b7"}
SHORT = {"sigmoid": "\u03c3", "log_sigmoid": "log \u03c3"}
"""Functions with a shorter sign than their name."""
RAISED = str.maketrans("0123456789.-", "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079\u00b7\u207b")


def is_constant(expression: Expr) -> bool:
    """Whether nothing in it changes with time."""
    return all(name.lag is None for name in names_in(expression))


def summands(expression: Expr, negative: bool = False) -> list[tuple[bool, Expr]]:
    """The terms of nested sums, each with whether it is subtracted."""
    match expression:
        case Binary("+" | "-" as sign, left, right):
            return summands(left, negative) + summands(right, negative != (sign == "-"))
        case Negative(operand):
            return summands(operand, not negative)
    return [(negative, expression)]


def factors(expression: Expr) -> list[Expr]:
    """The factors of nested elementwise products."""
    match expression:
        case Binary("*", left, right):
            return factors(left) + factors(right)
    return [expression]


def written(expression: Expr, inside: bool = False) -> str:
    """An expression as the equations write it; ``inside`` a product a sum stands in parentheses."""
    match expression:
        case Number(value):
            return f"{value:g}"
        case Name(lag=lag):
            return expression.symbol + {None: "", 0: "_t", 1: "_(t-1)"}[lag]
        case Transpose(operand):
            return f"{written(operand, True)}'"
        case Negative(operand):
            return f"\u2212{written(operand, True)}"
        case Call(function, arguments):
            return f"{SHORT.get(function, function)}({', '.join(map(written, arguments))})"
        case Product(matrix, vector):
            return f"{written(matrix, True)} {written(vector, True)}"
        case Binary("^", base, Number() as exponent):
            return written(base, True) + written(exponent).translate(RAISED)
        case Binary(operator, left, right):
            text = f"{written(left, operator in '*/')}{SIGNS.get(operator, operator)}{written(right, True)}"
            return f"({text})" if inside and operator in "+-" else text
