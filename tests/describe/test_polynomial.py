"""Polynomials recovered from counts: exact where there is one, none where there is none."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import registry
from rnnlab.describe.polynomial import TERMS, polynomial_text, recovered, valued

coefficients = st.lists(st.integers(-9, 9), min_size=5, max_size=5)


@given(coefficients)
def test_any_polynomial_is_found_again(values: list[int]) -> None:
    wanted = {term: Fraction(value) for term, value in zip(TERMS, values, strict=True) if value}
    assert recovered(lambda H, D: int(valued(wanted, H, D))) == wanted


def test_halves_are_exact() -> None:
    found = recovered(lambda H, D: H * (H - 1) // 2 + H * D)
    assert found is not None
    assert polynomial_text(found) == "1/2 H^2 + H D - 1/2 H"


def test_what_is_no_polynomial_is_none() -> None:
    assert recovered(lambda H, D: H**3) is None
    assert recovered(lambda H, D: max(H, D)) is None
    assert recovered(lambda H, D: H * H.bit_length()) is None


@pytest.mark.parametrize(
    ("polynomial", "text"),
    [
        ({}, "0"),
        ({"1": Fraction(1)}, "1"),
        ({"H^2": Fraction(4), "H D": Fraction(4), "H": Fraction(4)}, "4 H^2 + 4 H D + 4 H"),
        ({"H": Fraction(-1), "1": Fraction(-3)}, "-H - 3"),
    ],
)
def test_how_it_is_written(polynomial: dict[str, Fraction], text: str) -> None:
    assert polynomial_text(polynomial) == text


@pytest.mark.parametrize("name", registry.names("cell"))
@pytest.mark.parametrize(("H", "D"), [(4, 3), (6, 11), (128, 50)])
def test_it_gives_the_count_of_the_cell_itself(name: str, H: int, D: int) -> None:
    cell_class = registry.component("cell", name)

    def count(units: int, inputs: int) -> int:
        return cell_class.parameter_count(cell_class.Config(name=name, hidden_size=units), inputs)

    polynomial = recovered(count)
    cell = cell_class(cell_class.Config(name=name, hidden_size=H), D)
    learned = sum(parameter.numel() for parameter in cell.parameters())
    assert polynomial is None or valued(polynomial, H, D) == learned == count(H, D)
