"""The grammar of docstring equations: what is read, what is refused, and that writing and reading are inverse."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.equations import FUNCTIONS, Equation, Unreadable, equations_of, latex, read_equation
from rnnlab.models.expressions import Binary, Call, Expr, Name, Negative, Number, Product, Transpose
from rnnlab.models.oracle import COMPUTE

x, h_before, c = Name("x", lag=0), Name("h", lag=1), Name("c", lag=0)


def right(text: str) -> Expr:
    return read_equation(f"h_t = {text}").right


def test_a_line_with_its_gloss() -> None:
    line = read_equation("    i_t = sigmoid(W_i x_t + R_i h_(t-1) + b_i)        input gate = how much to write")
    sums = Binary("+", Product(Name("W", "i"), x), Product(Name("R", "i"), h_before))
    assert line == Equation(
        left=Name("i", lag=0),
        right=Call("sigmoid", (Binary("+", sums, Name("b", "i")),)),
        gloss="input gate = how much to write",
        text="i_t = sigmoid(W_i x_t + R_i h_(t-1) + b_i)",
    )


def test_spaces_align_but_four_begin_the_gloss() -> None:
    assert right("tanh   (c_t)    words") == Call("tanh", (c,))
    assert read_equation("h_t      = c_t").gloss == ""


def test_neighbours_multiply_first_and_from_the_right() -> None:
    assert right("U V x_t * c_t") == Binary("*", Product(Name("U"), Product(Name("V"), x)), c)
    assert right("R_n (c_t * h_(t-1))") == Product(Name("R", "n"), Binary("*", c, h_before))
    assert right("- U x_t ^ 2") == Negative(Binary("^", Product(Name("U"), x), Number(2)))


def test_a_parenthesis_without_a_space_is_a_call() -> None:
    assert right("phi(c_t)") == Call("phi", (c,))
    assert right("phi (c_t)") == Product(Name("phi"), c)
    assert right("max(c_t, 1e-3)") == Call("max", (c, Number(0.001)))


def test_sums_and_products_group_from_the_left() -> None:
    assert right("1 - c_t - x_t") == Binary("-", Binary("-", Number(1), c), x)
    assert right("1 - (c_t - x_t)") == Binary("-", Number(1), Binary("-", c, x))
    assert right("1 / c_t * x_t") == Binary("*", Binary("/", Number(1), c), x)


def test_names_have_letters_an_index_and_a_time() -> None:
    assert read_equation("Q = expm(A - A')") == Equation(
        Name("Q"), Call("expm", (Binary("-", Name("A"), Transpose(Name("A"))),)), "", "Q = expm(A - A')"
    )
    assert right("a_z_(t-1)") == Name("a", "z", 1)
    assert right("R_rz x_t") == Product(Name("R", "rz"), x)
    assert (Name("W", "i").symbol, h_before.symbol) == ("W_i", "h")


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("h_t", "no '='"),
        ("h_(t-1) = c_t", "left side 'h_(t-1)'"),
        ("h_t + c_t = 1", "left side 'h_t + c_t'"),
        ("h_t = 2 x_t", "write '*' between them"),
        ("h_t = W (x_t", "')' is missing before the end"),
        ("h_t = x_t)", "')' stands where an operator"),
        ("h_t = tanh(", "the end stands where a number"),
        ("h_t = tanh    (x_t)", "'(' is missing before the end"),
        ("h_t = max(c_t)", "max takes 2, and has 1"),
        ("h_t = tanh(c_t, x_t)", "tanh takes 1, and has 2"),
        ("h_t = c_t * [x_t]", "'[x_t]' is no number, name or operator"),
        ("h_t = c_t * * x_t", "'*' stands where a number"),
        ("h_t =", "the end stands where a number"),
    ],
)
def test_what_is_refused_is_said(line: str, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_equation(line)
    assert reason in str(caught.value)


def class_with(*lines: str) -> type:
    block = "\n".join(f"        {line}" for line in lines)
    return type(
        "Toy", (), {"__doc__": f"Someone 2001.\n\n    Words first.\n\n{block}\n\n    Words.\n\n        a = 1\n"}
    )


def test_the_first_indented_block_with_equations_counts() -> None:
    (constant, line) = equations_of(class_with("Q = A A'", "", "h_t = Q x_t"))
    assert (constant.left, line.left) == (Name("Q"), Name("h", lag=0))


def test_equations_may_be_all_that_a_docstring_has_below_its_summary() -> None:
    toy = type("Toy", (), {"__doc__": "Someone 2001.\n\n        c_t = x_t\n        h_t = tanh(c_t)\n    "})
    assert [line.left.symbol for line in equations_of(toy)] == ["c", "h"]


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["c_t = tanh(x_t)"], "no equation defines the output h_t"),
        (["h_t = tanh(c_t)", "c_t = x_t"], "no line before it defines c_t"),
        (["h_t = x_t + m_(t-1)"], "no line defines m_t, so there is no m_(t-1)"),
        (["h_t = x_t", "h_t = 2 * x_t"], "an earlier line defines h already"),
        (["Q = W x_t", "h_t = Q x_t"], "Q is a constant, and x changes with time"),
        (["h_t = x_t", "which is short"], "no '=' in it"),
    ],
)
def test_a_wrong_block_is_one_line_with_cell_and_equation(lines: list[str], reason: str) -> None:
    with pytest.raises(RequestError) as caught:
        equations_of(class_with(*lines))
    message = str(caught.value)
    assert message.startswith("cell=test_equations: ") and reason in message and "\n" not in message
    assert any(line in message for line in lines)


def test_a_class_without_equations_is_named() -> None:
    for docstring in (None, "Nothing here.", "Nothing here.\n\nNor here.", "Nothing here.\n\n    x_t alone"):
        with pytest.raises(RequestError, match="docstring of Bare has no indented block"):
            equations_of(type("Bare", (), {"__doc__": docstring}))


@pytest.mark.parametrize("name", registry.names("cell"))
def test_every_cell_has_equations_and_latex(name: str) -> None:
    for equation in equations_of(registry.component("cell", name)):
        written = latex(equation)
        assert written.count("{") == written.count("}")
        assert written.count(r"\left") == written.count(r"\right")


def test_the_oracle_computes_every_function_of_the_grammar() -> None:
    assert FUNCTIONS.keys() == COMPUTE.keys()


names = st.builds(
    Name,
    st.sampled_from(["W", "h", "alpha", "c2"]),
    st.sampled_from(["", "i", "ff", "m_0"]),
    st.sampled_from([None, 0, 1]),
)
leaves = names | st.builds(Number, st.integers(0, 20).map(float) | st.sampled_from([0.5, 1e-05]))


def larger(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    factors = inner.filter(lambda expression: not isinstance(expression, Number))
    return st.one_of(
        st.builds(Call, st.sampled_from(["tanh", "phi"]), st.tuples(inner)),
        st.builds(Call, st.just("max"), st.tuples(inner, inner)),
        st.builds(Product, factors, factors),
        st.builds(Binary, st.sampled_from("+-*/"), inner, inner),
        st.builds(Binary, st.just("^"), inner, leaves),
        st.builds(Negative, inner),
        st.builds(Transpose, inner),
    )


def written(expression: Expr) -> str:
    """An expression in the grammar, with every parenthesis that there could be."""
    match expression:
        case Number(value):
            return f"{value:g}"
        case Name(_, _, lag):
            return expression.symbol + {None: "", 0: "_t", 1: "_(t-1)"}[lag]
        case Call(function, arguments):
            return f"{function}({', '.join(map(written, arguments))})"
        case Product(matrix, vector):
            return f"(({written(matrix)}) ({written(vector)}))"
        case Binary("^", left, exponent):
            return f"(({written(left)})^{written(exponent)})"
        case Binary(operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
        case Negative(operand):
            return f"(-{written(operand)})"
        case Transpose(operand):
            return f"({written(operand)})'"


@given(st.recursive(leaves, larger, max_leaves=12))
def test_what_is_written_is_read_again(expression: Expr) -> None:
    assert right(written(expression)) == expression
