"""Depth, time, dropout and resets of the stack."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend, choose_backend
from rnnlab.models.cells.base import Cell, Edit, State, Weights
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
CELLS = registry.names("cell")
every_cell = pytest.mark.parametrize("name", CELLS)
FUSED = [name for name in CELLS if registry.component("cell", name).has_native]
every_backend = pytest.mark.parametrize(
    ("name", "backend"), [(name, "loop") for name in CELLS] + [(name, "native") for name in FUSED]
)


class Leaky(Cell):
    """A cell without a fused kernel: h_t = tanh(h_(t-1) / 2 + x_t W)."""

    names = ("h",)

    def __init__(self, config: Cell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        self.W_DH = nn.Parameter(torch.randn(input_size, self.hidden_size))

    @classmethod
    def parameter_count(cls, config: Cell.Config, input_size: int) -> int:
        return input_size * config.hidden_size

    def project(self, x_BTD: Tensor) -> Tensor:
        return x_BTD @ self.W_DH

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH = edit("h", torch.tanh(p_BG + state[0] / 2))
        return h_BH, (h_BH,)


@pytest.fixture
def leaky() -> Leaky:
    return Leaky(Cell.Config(name="leaky", hidden_size=4), 3)


@every_cell
def test_layers_follow_one_another(name: str, make_stack: MakeStack) -> None:
    """Three layers are three stacks of one, the output of each the input of the next."""
    stack = make_stack(name, depth=3)
    assert [cell.input_size for cell in stack.layers()] == [3, 5, 5]
    x_BTD = torch.randn(2, 6, 3, dtype=torch.float64)
    wanted, states = x_BTD, []
    for cell in stack.layers():
        single = make_stack(name, input_size=cell.input_size)
        single.cells[0].load_state_dict(cell.state_dict())
        wanted, (state,) = single(wanted)
        states.append(state)
    output, after = stack(x_BTD)
    torch.testing.assert_close(output, wanted, rtol=0, atol=1e-14)
    for ours, theirs in zip(after, states, strict=True):
        for part, wanted_part in zip(ours, theirs, strict=True):
            torch.testing.assert_close(part, wanted_part, rtol=0, atol=1e-14)


@every_cell
def test_layers_start_with_weights_of_their_own(name: str, make_stack: MakeStack) -> None:
    first, second, _ = make_stack(name, input_size=5, depth=3).layers()
    assert not torch.equal(next(first.parameters()), next(second.parameters()))


@every_backend
def test_dropout_is_on_each_layer_s_output(name: str, backend: str, make_stack: MakeStack) -> None:
    """The same masks, drawn by hand: one after the first layer, one after the last."""
    stack = make_stack(name, depth=2, dropout=0.4, backend=backend).train()
    x_BTD = torch.randn(2, 6, 3, dtype=torch.float64)
    single = [make_stack(name, input_size=size, backend=backend) for size in (3, 5)]
    for alone, cell in zip(single, stack.layers(), strict=True):
        alone.cells[0].load_state_dict(cell.state_dict())
    torch.manual_seed(1)
    output, _ = stack(x_BTD)
    torch.manual_seed(1)
    wanted = x_BTD
    for alone in single:
        wanted = alone(wanted)[0]
        wanted = wanted * (torch.empty(wanted.shape, dtype=torch.float64).bernoulli_(0.6) / 0.6)
    torch.testing.assert_close(output, wanted, rtol=0, atol=1e-14)


@pytest.mark.parametrize("name", FUSED)
def test_backends_draw_the_same_masks(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=2, dropout=0.4).train()
    x_BTD = torch.randn(3, 6, 3, dtype=torch.float64)
    outputs = []
    for backend in (Backend.native, Backend.loop):
        stack.backend = backend
        torch.manual_seed(1)
        outputs.append(stack(x_BTD)[0])
    torch.testing.assert_close(*outputs, rtol=0, atol=1e-13)


@every_backend
def test_dropout_statistics(name: str, backend: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, hidden_size=16, dropout=0.3, backend=backend)
    x_BTD = torch.randn(20, 50, 3, dtype=torch.float64)
    kept, (state,) = stack.eval()(x_BTD)
    assert torch.equal(kept, stack(x_BTD)[0]), "nothing is dropped in evaluation"
    torch.manual_seed(2)
    dropped, (state_in_training,) = stack.train()(x_BTD)
    zero = dropped[kept != 0] == 0  # a ReLU's zeros are not dropped ones
    assert zero.double().mean().item() == pytest.approx(0.3, abs=4 * (0.3 * 0.7 / zero.numel()) ** 0.5)
    torch.testing.assert_close(dropped[dropped != 0], kept[dropped != 0] / 0.7, rtol=1e-12, atol=0)
    for ours, theirs in zip(state_in_training, state, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-14)  # the recurrent path is left alone


@every_backend
def test_dropout_follows_the_seed(name: str, backend: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=2, dropout=0.5, backend=backend).train()
    x_BTD = torch.randn(2, 6, 3, dtype=torch.float64)

    def seeded(seed: int) -> Tensor:
        torch.manual_seed(seed)
        return stack(x_BTD)[0]

    assert torch.equal(seeded(1), seeded(1))
    assert not torch.equal(seeded(1), seeded(2))


@every_backend
@given(reset=st.lists(st.lists(st.booleans(), min_size=6, max_size=6), min_size=3, max_size=3))
@settings(max_examples=15, deadline=None)
def test_a_reset_row_starts_afresh_and_no_other_does(
    name: str, backend: str, reset: list[list[bool]], make_stack: MakeStack
) -> None:
    stack = make_stack(name, depth=2, backend=backend)
    x_BTD = torch.randn(3, 6, 3, dtype=torch.float64)
    state = tuple(tuple(torch.full_like(part, 0.3) for part in layer) for layer in stack.initial_state(3))
    output, after = stack(x_BTD, state, torch.tensor(reset))
    for row in range(3):
        current: tuple[State, ...] | None = tuple(tuple(part[row : row + 1] for part in layer) for layer in state)
        for t in range(6):
            wanted, current = stack(x_BTD[row : row + 1, t : t + 1], None if reset[row][t] else current)
            torch.testing.assert_close(output[row, t], wanted[0, 0], rtol=0, atol=1e-13)
        for ours, theirs in zip(after, current, strict=True):
            for part, wanted in zip(ours, theirs, strict=True):
                torch.testing.assert_close(part[row], wanted[0], rtol=0, atol=1e-13)


@every_backend
def test_no_gradient_crosses_a_reset(name: str, backend: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=2, backend=backend)
    x_BTD = torch.randn(2, 6, 3, dtype=torch.float64, requires_grad=True)
    reset = torch.zeros(2, 6, dtype=torch.bool)
    reset[0, 3] = True
    stack(x_BTD, None, reset)[0][:, -1].sum().backward()
    assert not x_BTD.grad[0, :3].any()
    assert x_BTD.grad[1, :3].abs().min() > 0


def test_backend_is_the_fastest_that_there_is(leaky: Leaky, make_stack: MakeStack) -> None:
    assert choose_backend(Backend.auto, leaky) is Backend.compiled
    assert choose_backend(Backend.loop, leaky) is Backend.loop
    assert make_stack("lstm").backend is Backend.native
    assert make_stack("lstm", backend="loop").backend is Backend.loop


def test_backend_that_a_cell_does_not_have(leaky: Leaky) -> None:
    with pytest.raises(
        RequestError,
        match=r"stack.backend = 'native': cell=leaky has no fused kernel in torch; possible: auto, compiled, loop",
    ):
        choose_backend(Backend.native, leaky)


def test_a_cell_without_a_kernel_runs(leaky: Leaky) -> None:
    stack = Stack(Stack.Config(dropout=0.0, backend=Backend.loop), [leaky])
    x_BTD = torch.randn(2, 4, 3)
    assert torch.equal(stack(x_BTD)[0], stack.trace(x_BTD).output_BTH)


@pytest.mark.parametrize(
    ("key", "value"), [("depth", 0), ("depth", -1), ("dropout", -0.1), ("dropout", 1.0), ("dropout", float("nan"))]
)
def test_settings_out_of_range(key: str, value: float) -> None:
    with pytest.raises(RequestError, match=rf"stack\.{key} = "):
        Stack.Config(**{key: value})
