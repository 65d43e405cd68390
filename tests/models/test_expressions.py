"""Expressions for LaTeX: notation, and parentheses where they are needed and only there."""

from __future__ import annotations

import pytest

from rnnlab.models.equations import latex, read_equation
from rnnlab.models.expressions import Name, latex_of, names_in


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("i_t = sigmoid(W_i x_t + b_i)", r"i_{t} = \sigma\left(W_{i} \, x_{t} + b_{i}\right)"),
        ("h_t = (1 - z_t) * h_(t-1)", r"h_{t} = \left(1 - z_{t}\right) \odot h_{t-1}"),
        ("h_t = a_t + z_t * c_t", r"h_{t} = a_{t} + z_{t} \odot c_{t}"),
        ("h_t = a_t - (b - c_t)", r"h_{t} = a_{t} - \left(b - c_{t}\right)"),
        ("h_t = 2 * c_t / (1 + n_t)", r"h_{t} = \frac{2 \, c_{t}}{1 + n_{t}}"),
        ("h_t = -(a_t + b)^2", r"h_{t} = -{\left(a_{t} + b\right)}^{2}"),
        ("h_t = phi(sqrt(abs(c_t)))", r"h_{t} = \phi\left(\sqrt{\left|c_{t}\right|}\right)"),
        ("Q = expm(A - A')", r"Q = \operatorname{expm}\left(A - A^\top\right)"),
        ("a_z_t = relu(alpha * x_t)", r"a_{z,t} = \operatorname{ReLU}\left(\alpha \odot x_{t}\right)"),
        ("h_t = R (r_t * h_(t-1))", r"h_{t} = R \, \left(r_{t} \odot h_{t-1}\right)"),
    ],
)
def test_latex(line: str, expected: str) -> None:
    assert latex(read_equation(line)) == expected


def test_names_from_left_to_right() -> None:
    line = read_equation("h_t = tanh(W x_t) * -c_t' + 2^b")
    assert [latex_of(name) for name in names_in(line.right)] == ["W", "x_{t}", "c_{t}", "b"]
    assert names_in(Name("W")) == [Name("W")]
