"""The relatives of the GRU against their papers' equations, and against one another."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.models.cells.gru_cho import GRUCho
from rnnlab.models.cells.ugrnn import UGRNN
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
Letters = dict[str, Any]
Array = np.ndarray


def sigmoid(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def gru_cho(s: Letters, x: Array, state: list[Array]) -> list[Array]:
    """Equations 5 to 8 of Cho 2014, with biases."""
    (h,) = state
    r = sigmoid(x @ s["W_r"].T + h @ s["R_r"].T + s["b_r"])
    z = sigmoid(x @ s["W_z"].T + h @ s["R_z"].T + s["b_z"])
    candidate = np.tanh(x @ s["W_n"].T + (r * h) @ s["R_n"].T + s["b_n"])
    return [z * h + (1 - z) * candidate]


def mut1(s: Letters, x: Array, state: list[Array]) -> list[Array]:
    (h,) = state
    z = sigmoid(x @ s["W_z"].T + s["b_z"])
    r = sigmoid(x @ s["W_r"].T + h @ s["R_r"].T + s["b_r"])
    return [np.tanh((r * h) @ s["R_n"].T + np.tanh(x @ s["P"].T) + s["b_n"]) * z + h * (1 - z)]


def mut2(s: Letters, x: Array, state: list[Array]) -> list[Array]:
    (h,) = state
    z = sigmoid(x @ s["W_z"].T + h @ s["R_z"].T + s["b_z"])
    r = sigmoid(x @ s["P"].T + h @ s["R_r"].T + s["b_r"])
    return [np.tanh((r * h) @ s["R_n"].T + x @ s["W_n"].T + s["b_n"]) * z + h * (1 - z)]


def mut3(s: Letters, x: Array, state: list[Array]) -> list[Array]:
    (h,) = state
    z = sigmoid(x @ s["W_z"].T + np.tanh(h) @ s["R_z"].T + s["b_z"])
    r = sigmoid(x @ s["W_r"].T + h @ s["R_r"].T + s["b_r"])
    return [np.tanh((r * h) @ s["R_n"].T + x @ s["W_n"].T + s["b_n"]) * z + h * (1 - z)]


def mgu(s: Letters, x: Array, state: list[Array]) -> list[Array]:
    """Equation 7 of Zhou 2016: one matrix over the state and the input side by side."""
    (h,) = state
    f = sigmoid(np.hstack([h, x]) @ np.hstack([s["R_f"], s["W_f"]]).T + s["b_f"])
    candidate = np.tanh(np.hstack([f * h, x]) @ np.hstack([s["R_n"], s["W_n"]]).T + s["b_n"])
    return [(1 - f) * h + f * candidate]


def ugrnn(s: Letters, x: Array, state: list[Array]) -> list[Array]:
    (h,) = state
    c = np.tanh(h @ s["R_c"].T + x @ s["W_c"].T + s["b_c"])
    g = sigmoid(h @ s["R_g"].T + x @ s["W_g"].T + s["b_g"])
    return [g * h + (1 - g) * c]


STEPS = {step.__name__: step for step in (gru_cho, mut1, mut2, mut3, mgu, ugrnn)}
ADDED = ("mut1", "mut2")


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("input_size", [3, 5], ids=["D=3 H=5", "D=H=5"])
def test_equations(name: str, input_size: int, check_step: Callable[..., None]) -> None:
    check_step(name, STEPS[name], input_size=input_size)


def test_equations_without_biases(check_step: Callable[..., None]) -> None:
    check_step("gru_cho", gru_cho, bias=False)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("input_size", [3, 5])
def test_parameter_count(name: str, input_size: int, make_stack: MakeStack) -> None:
    """Matrices (H, D) and (H, H), and vectors H, counted in the equations by hand."""
    D, H = input_size, 5
    matrices = {"gru_cho": (3, 3, 3), "mut1": (2, 2, 3), "mut2": (2, 3, 3), "mut3": (3, 3, 3)}
    matrices |= {"mgu": (2, 2, 2), "ugrnn": (2, 2, 2)}
    of_input, of_state, biases = matrices[name]
    added = H * D if name in ADDED and D != H else 0
    wanted = of_input * H * D + of_state * H * H + biases * H + added
    stack = make_stack(name, input_size=D)
    assert sum(parameter.numel() for parameter in stack.parameters()) == wanted
    cell = next(stack.layers())
    assert type(cell).parameter_count(cell.config, D) == wanted


def test_without_biases_there_are_three_vectors_less(make_stack: MakeStack) -> None:
    cell = next(make_stack("gru_cho", bias=False).layers())
    assert GRUCho.parameter_count(cell.config, 3) == sum(p.numel() for p in cell.parameters()) == 3 * 5 * (3 + 5)


def twins(make_stack: MakeStack) -> tuple[Stack, Stack]:
    """``gru`` and ``gru_cho`` with the same weights; the bias that only ``gru`` has is zero."""
    after, before = make_stack("gru", backend="loop"), make_stack("gru_cho", backend="loop")
    after.load_state_dict(before.state_dict() | {"cells.0.b_m_H": torch.zeros(5)})
    return after, before


def test_the_two_forms_of_the_gru_differ(make_stack: MakeStack) -> None:
    after, before = twins(make_stack)
    x_BTD = torch.randn(2, 9, 3, dtype=torch.float64)
    assert (after(x_BTD)[0] - before(x_BTD)[0]).abs().max() > 1e-3


def test_the_two_forms_of_the_gru_agree_where_nothing_is_reset(make_stack: MakeStack) -> None:
    x_BTD = torch.randn(2, 9, 3, dtype=torch.float64)
    one, other = (
        stack.trace(x_BTD, edit=lambda layer, t, name, value: torch.ones_like(value) if name == "r" else value)
        for stack in twins(make_stack)
    )
    torch.testing.assert_close(one.output_BTH, other.output_BTH, rtol=0, atol=1e-14)


def test_mut2_is_the_gru_whose_reset_gate_has_no_weights_on_the_input(make_stack: MakeStack) -> None:
    """With W_r = I and 1 - z for z the two are one; sigmoid(-a) is 1 - sigmoid(a)."""
    mutation, gru = make_stack("mut2", input_size=5), make_stack("gru_cho", input_size=5)
    mutated, cho = next(mutation.layers()), next(gru.layers())
    R_z, R_r, R_n = mutated.R_GH.chunk(3)
    b_z, b_r, b_n = mutated.b_G.chunk(3)
    with torch.no_grad():
        cho.W_GD.copy_(torch.cat([torch.eye(5), -mutated.W_z_HD, mutated.W_n_HD]))
        cho.R_GH.copy_(torch.cat([R_r, -R_z, R_n]))
        cho.b_G.copy_(torch.cat([b_r, -b_z, b_n]))
    x_BTD = torch.randn(2, 9, 5, dtype=torch.float64)
    torch.testing.assert_close(mutation(x_BTD)[0], gru(x_BTD)[0], rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", ADDED)
def test_the_input_is_added_as_it_is_where_it_fits(name: str, make_stack: MakeStack) -> None:
    printed, widened = (next(make_stack(name, input_size=size).layers()) for size in (5, 3))
    assert printed.P_HD is None
    assert torch.equal(printed.symbols()["P"], torch.eye(5))
    assert widened.P_HD is widened.symbols()["P"]


@pytest.mark.parametrize(("name", "gate", "keeps"), [("mgu", "f", 0.0), ("ugrnn", "g", 1.0), ("gru_cho", "z", 1.0)])
def test_a_closed_gate_keeps_the_state(name: str, gate: str, keeps: float, make_stack: MakeStack) -> None:
    h_BH = torch.randn(2, 5, dtype=torch.float64)
    traced = make_stack(name).trace(
        torch.randn(2, 20, 3, dtype=torch.float64),
        ((h_BH,),),
        edit=lambda layer, t, name, value: torch.full_like(value, keeps) if name == gate else value,
    )
    assert all(torch.equal(h, h_BH) for h in traced.values[0]["h"])


@pytest.mark.parametrize("name", STEPS)
def test_the_state_stays_within_one(name: str, make_stack: MakeStack) -> None:
    """Each step is a weighted mean of the state and a tanh."""
    stack = make_stack(name, backend="loop")
    with torch.no_grad():
        output, _ = stack(5 * torch.randn(2, 10_000, 3, dtype=torch.float64))
    assert output.abs().max() <= 1


def test_gru_cho_starts_with_orthogonal_recurrent_blocks() -> None:
    cell = GRUCho(GRUCho.Config(hidden_size=16), 3)
    for block_HH in cell.R_GH.chunk(3):
        torch.testing.assert_close(block_HH @ block_HH.T, torch.eye(16), rtol=0, atol=1e-5)
    assert not cell.b_G.any()


@pytest.mark.parametrize("name", ["mut1", "mut2", "mut3", "mgu", "ugrnn"])
def test_recurrent_weights_start_as_in_torch(name: str) -> None:
    torch.manual_seed(0)
    cell_class = registry.component("cell", name)
    cell = cell_class(cell_class.Config(hidden_size=64), 3)
    recurrent = [weight for named, weight in cell.named_parameters() if named.startswith("R_")]
    for weight in recurrent:
        assert weight.abs().max() <= 1 / 8
        assert weight.std().item() == pytest.approx(1 / 8 / 3**0.5, rel=0.05)


def test_gate_bias_is_the_gate_s_alone() -> None:
    cell = UGRNN(UGRNN.Config(hidden_size=4, gate_bias=1.5), 3)
    assert torch.equal(cell.b_G, torch.tensor([0.0] * 4 + [1.5] * 4))
