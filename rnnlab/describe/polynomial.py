"""A count of parameters as an exact polynomial in the sizes H and D, recovered from its values."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

UNIT = 16
"""Units are multiples of it, so that a cell with heads or pairs of units can have them."""
INPUTS = (UNIT // 2, UNIT // 2 + UNIT)
"""No multiples of it: a cell may need no weights on its input where D equals H."""
FURTHER = ((4 * UNIT, 40), (3 * UNIT, 7), (5 * UNIT, 1), (2 * UNIT, 99))
"""(H, D) at which the polynomial is held against the count."""

Polynomial = dict[str, Fraction]
"""The coefficient of each of ``TERMS``; those that are zero are left out."""
TERMS = ("H^2", "H D", "H", "D", "1")


def recovered(count: Callable[[int, int], int]) -> Polynomial | None:
    """The polynomial a H^2 + b H D + c H + d D + e that gives ``count(H, D)``, D not H; None where there is none."""
    u, D = UNIT, INPUTS[0]

    def f(units: int, inputs: int = 0) -> Fraction:
        return Fraction(count(units * u, INPUTS[inputs]))

    a = (f(3) - 2 * f(2) + f(1)) / (2 * u * u)
    b = (f(2, 1) - f(2) - f(1, 1) + f(1)) / (u * u)
    c = (f(2) - f(1)) / u - 3 * a * u - b * D
    d = (f(1, 1) - f(1)) / u - b * u
    e = f(1) - a * u * u - b * u * D - c * u - d * D
    found = {term: value for term, value in zip(TERMS, (a, b, c, d, e), strict=True) if value}
    return found if all(valued(found, H, D) == count(H, D) for H, D in FURTHER) else None


def valued(polynomial: Polynomial, H: int, D: int) -> Fraction:
    """What it comes to at H units and D inputs."""
    powers = {"H^2": H * H, "H D": H * D, "H": H, "D": D, "1": 1}
    return sum((value * powers[term] for term, value in polynomial.items()), Fraction(0))


def polynomial_text(polynomial: Polynomial) -> str:
    """``4 H^2 + 4 H D + 4 H``; fractions as ``1/2 H^2``."""
    text = ""
    for term, value in polynomial.items():
        size = "" if abs(value) == 1 and term != "1" else str(abs(value))
        sign = ("-" if value < 0 else "") if not text else " - " if value < 0 else " + "
        text += sign + f"{size} {'' if term == '1' else term}".strip()
    return text or "0"
