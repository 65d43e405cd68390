"""The vanilla LSTM of the Odyssey and its eight variants, against one loop in NumPy with the paper's switches."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.models.cells.base import Cell
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
VARIANTS = ["peephole_lstm", "nig", "nfg", "nog", "niaf", "noaf", "np", "cifg", "fgr"]
every_variant = pytest.mark.parametrize("variant", VARIANTS)


def sigmoid(a: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-a))


def symbols(cell: Cell) -> dict[str, np.ndarray]:
    return {letter: value.detach().numpy() for letter, value in cell.symbols().items()}


def odyssey(variant: str, s: dict[str, np.ndarray], x_BTD: np.ndarray, state: dict[str, np.ndarray]) -> np.ndarray:
    """y_BTH by Greff et al. 2017: the vanilla LSTM, with one thing changed."""
    h, c, gates, outputs = state["h"], state["c"], state, []

    def total(gate: str, x: np.ndarray) -> np.ndarray:
        return x @ s[f"W_{gate}"].T + h @ s[f"R_{gate}"].T + s[f"b_{gate}"]

    def sees(gate: str, c: np.ndarray) -> np.ndarray | float:
        peephole = 0 if variant == "np" else s[f"p_{gate}"] * c
        told = "ifo" if variant == "fgr" else ""
        return peephole + sum(gates[by] @ s[f"R_{by}{gate}"].T for by in told)

    for x in x_BTD.swapaxes(0, 1):
        i = 1 if variant == "nig" else sigmoid(total("i", x) + sees("i", c))
        if variant == "nfg":
            f = 1
        elif variant == "cifg":
            f = 1 - i
        else:
            f = sigmoid(total("f", x) + sees("f", c))
        g = total("g", x) if variant == "niaf" else np.tanh(total("g", x))
        c = f * c + i * g
        o = 1 if variant == "nog" else sigmoid(total("o", x) + sees("o", c))
        h = o * (c if variant == "noaf" else np.tanh(c))
        gates = {"i": i, "f": f, "o": o}
        outputs.append(h)
    return np.stack(outputs, axis=1)


@every_variant
def test_equations(variant: str, make_stack: MakeStack) -> None:
    stack = make_stack(variant)
    (cell,) = stack.layers()
    random = np.random.default_rng(0)
    x_BTD = random.normal(size=(2, 9, 3))
    state = {name: random.uniform(size=(2, 5)) for name in cell.state_names}
    output, _ = stack(torch.from_numpy(x_BTD), (tuple(map(torch.from_numpy, state.values())),))
    wanted = odyssey(variant, symbols(cell), x_BTD, state)
    np.testing.assert_allclose(output.detach().numpy(), wanted, rtol=0, atol=1e-10)


def outputs_with_the_weights_of(source: Stack, target: Stack, but: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
    """What both give for the same input, once ``target`` has the weights of ``source`` and those of ``but``."""
    target.load_state_dict(source.state_dict() | {f"cells.0.{name}": value for name, value in but.items()})
    x_BTD = torch.randn(2, 9, 3, dtype=torch.float64)
    return source(x_BTD)[0], target(x_BTD)[0]


@pytest.mark.parametrize("backend", ["native", "loop"])
def test_np_is_the_lstm(backend: str, make_stack: MakeStack) -> None:
    ours, theirs = outputs_with_the_weights_of(
        make_stack("lstm", backend="loop"), make_stack("np", backend=backend), {}
    )
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-14)


def test_blind_peepholes_make_it_the_lstm(make_stack: MakeStack) -> None:
    blind = {f"p_{gate}_H": torch.zeros(5) for gate in "ifo"}
    ours, theirs = outputs_with_the_weights_of(make_stack("lstm", backend="loop"), make_stack("peephole_lstm"), blind)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-14)


def test_peepholes_are_what_parts_it_from_the_lstm(make_stack: MakeStack) -> None:
    seeing = {f"p_{gate}_H": torch.ones(5) for gate in "ifo"}
    ours, theirs = outputs_with_the_weights_of(make_stack("lstm", backend="loop"), make_stack("peephole_lstm"), seeing)
    assert not torch.equal(ours[:, 0], theirs[:, 0]), "the output gate sees the memory of its own step"
    assert (ours - theirs).abs().max() > 1e-3


def test_gates_that_are_not_told_of_make_fgr_the_vanilla_lstm(make_stack: MakeStack) -> None:
    ours, theirs = outputs_with_the_weights_of(
        make_stack("peephole_lstm"), make_stack("fgr"), {"R_PP": torch.zeros(15, 15)}
    )
    torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-14)


def test_cifg_forgets_what_it_writes_and_stays_in_bounds(make_stack: MakeStack) -> None:
    stack = make_stack("cifg")
    traced = stack.trace(10 * torch.randn(2, 300, 3, dtype=torch.float64)).values[0]
    for i_BH, f_BH, c_BH in zip(traced["i"], traced["f"], traced["c"], strict=True):
        torch.testing.assert_close(f_BH + i_BH, torch.ones_like(i_BH), rtol=0, atol=1e-15)
        assert c_BH.abs().max() <= 1


def test_nfg_with_a_closed_input_gate_keeps_its_memory(make_stack: MakeStack) -> None:
    c_BH = torch.randn(2, 5, dtype=torch.float64)
    traced = make_stack("nfg").trace(
        torch.randn(2, 20, 3, dtype=torch.float64),
        ((torch.zeros_like(c_BH), c_BH),),
        edit=lambda layer, t, name, value: torch.zeros_like(value) if name == "i" else value,
    )
    assert all(torch.equal(c, c_BH) for c in traced.values[0]["c"])


@every_variant
def test_weights_start_as_in_the_paper(variant: str) -> None:
    torch.manual_seed(0)
    cell_class = registry.component("cell", variant)
    cell = cell_class(cell_class.Config(name=variant, hidden_size=128), 64)
    for name, weight in cell.named_parameters():
        if name.startswith(("W", "R")):
            assert abs(weight.mean()) < 0.003 and abs(weight.std() - 0.1) < 0.003, name
        if name.startswith("p"):
            assert abs(weight.std() - 0.1) < 0.03, name


@pytest.mark.parametrize(
    ("variant", "blocks"), [("peephole_lstm", "0100"), ("nig", "100"), ("nfg", "000"), ("nog", "010"), ("np", "0100")]
)
def test_the_forget_gate_starts_open(variant: str, blocks: str) -> None:
    cell_class = registry.component("cell", variant)
    biases = cell_class(cell_class.Config(hidden_size=3), 2).b_G
    assert torch.equal(biases, torch.tensor([float(block) for block in blocks for _ in range(3)]))


def test_the_coupled_gate_starts_open_too() -> None:
    cell_class = registry.component("cell", "cifg")
    biases = cell_class(cell_class.Config(hidden_size=2, forget_bias=1.5), 2).b_G
    assert torch.equal(biases, torch.tensor([-1.5, -1.5, 0, 0, 0, 0]))


@pytest.mark.parametrize(
    ("variant", "blocks", "peepholes"),
    [("peephole_lstm", 4, 3), ("nig", 3, 2), ("nfg", 3, 2), ("nog", 3, 2), ("niaf", 4, 3), ("noaf", 4, 3)]
    + [("np", 4, 0), ("cifg", 3, 2), ("fgr", 4, 3)],
)
@pytest.mark.parametrize(("H", "D"), [(1, 1), (5, 3), (8, 20)])
def test_parameter_count(variant: str, blocks: int, peepholes: int, H: int, D: int) -> None:
    """Blocks of W, R and b, peepholes, and for FGR nine matrices between the gates."""
    cell_class = registry.component("cell", variant)
    config = cell_class.Config(hidden_size=H)
    wanted = blocks * (H * D + H * H + H) + peepholes * H + (9 * H * H if variant == "fgr" else 0)
    assert cell_class.parameter_count(config, D) == wanted
    assert sum(parameter.numel() for parameter in cell_class(config, D).parameters()) == wanted
