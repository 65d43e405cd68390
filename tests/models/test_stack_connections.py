"""Residual and dense connections by hand, sizes per layer, normalisation; gradients, traces and counts with each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.connections import Connections
from rnnlab.models.sizes import parameter_count
from rnnlab.models.stack import Stack

MakeStack = Callable[..., Stack]
every_cell = pytest.mark.parametrize("name", registry.names("cell"))
SETTINGS: dict[str, dict[str, Any]] = {
    "residual": {"connections": Connections.residual},
    "dense": {"connections": Connections.dense},
    "sizes": {"hidden_sizes": [4, 6, 2]},
    "bidirectional": {"bidirectional": True},
    "normalised": {"layer_norm": True},
    "learned_start": {"learned_state": True},
    "zoneout": {"zoneout": 0.3},
    "variational": {"variational": True, "dropout": 0.5},
    "drop_connect": {"drop_connect": 0.3},
    "all": {
        "connections": Connections.dense, "bidirectional": True, "layer_norm": True, "learned_state": True,
        "zoneout": 0.1, "variational": True, "dropout": 0.4, "drop_connect": 0.2,
    },
}  # fmt: skip
every_setting = pytest.mark.parametrize("setting", SETTINGS)
every_case = pytest.mark.parametrize(
    ("name", "setting"),
    [(name, setting) for name in registry.names("cell") for setting in ("drop_connect", "all")]
    + [("lstm", setting) for setting in SETTINGS if setting not in ("drop_connect", "all")],
)


def alone(make_stack: MakeStack, stack: Stack, layer: int) -> Stack:
    """One layer of a stack as a stack of its own."""
    cell = list(stack.layers())[layer]
    single = make_stack(cell.config.name, input_size=cell.input_size, hidden_size=cell.hidden_size)
    single.cells[0].load_state_dict(cell.state_dict())
    return single


@pytest.fixture
def x_BTD() -> Tensor:
    return torch.randn(2, 6, 3, dtype=torch.float64)


@every_cell
def test_a_residual_adds_a_layer_s_input(name: str, make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack(name, depth=3, stack=SETTINGS["residual"])
    wanted, _ = alone(make_stack, stack, 0)(x_BTD)  # 3 features are not added to 5
    for layer in (1, 2):
        wanted = wanted + alone(make_stack, stack, layer)(wanted)[0]
    torch.testing.assert_close(stack(x_BTD)[0], wanted, rtol=0, atol=1e-13)


def test_a_residual_around_the_first_layer_where_sizes_agree(make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack("gru", hidden_size=3, stack=SETTINGS["residual"])
    torch.testing.assert_close(stack(x_BTD)[0], x_BTD + alone(make_stack, stack, 0)(x_BTD)[0], rtol=0, atol=1e-13)


@every_cell
def test_dense_layers_read_all_below_them(name: str, make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack(name, depth=3, stack=SETTINGS["dense"])
    assert [cell.input_size for cell in stack.layers()] == [3, 8, 13]
    read = [x_BTD]
    for layer in range(3):
        read.append(alone(make_stack, stack, layer)(torch.cat(read, dim=-1))[0])
    assert stack.output_size == 15
    torch.testing.assert_close(stack(x_BTD)[0], torch.cat(read[1:], dim=-1), rtol=0, atol=1e-13)


def test_sizes_of_layers(make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack("lstm", depth=3, stack=SETTINGS["sizes"])
    assert [(cell.input_size, cell.hidden_size) for cell in stack.layers()] == [(3, 4), (4, 6), (6, 2)]
    y_BTH, state = stack(x_BTD)
    assert y_BTH.shape[-1] == stack.output_size == 2
    assert [part.shape[1] for layer in state for part in layer] == [4, 4, 6, 6, 2, 2]


def test_residual_layers_of_different_sizes(make_stack: MakeStack) -> None:
    with pytest.raises(RequestError, match=r"connections = 'residual': layer 2 gives 6 features and reads 4; .* plain"):
        make_stack("gru", depth=3, stack={"hidden_sizes": [4, 4, 6], **SETTINGS["residual"]})


def test_normalisation_comes_before_dropout(make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = make_stack("gru", stack=SETTINGS["normalised"])
    y_BTH, _ = alone(make_stack, stack, 0)(x_BTD)
    centred = y_BTH - y_BTH.mean(dim=-1, keepdim=True)
    gain, bias = stack.norms[0].parameters()
    wanted = centred / (centred.square().mean(dim=-1, keepdim=True) + 1e-5).sqrt() * gain + bias
    torch.testing.assert_close(stack(x_BTD)[0], wanted, rtol=0, atol=1e-13)
    dropping = make_stack("gru", dropout=0.5, stack=SETTINGS["normalised"]).train()
    dropped, _ = dropping(x_BTD)
    torch.testing.assert_close(dropped[dropped != 0], 2 * wanted[dropped != 0], rtol=0, atol=1e-13)


def made(make_stack: MakeStack, name: str, setting: str) -> Stack:
    """Three layers with this setting; without DropConnect where the cell has no matrix for it."""
    settings = SETTINGS[setting]
    weights = vars(next(make_stack(name).layers()).weights()).values()
    if not any(weight.dim() == 2 for weight in weights):
        settings = {**settings, "drop_connect": 0.0}
    return make_stack(name, depth=3, hidden_size=4, stack=settings)


@every_case
def test_everything_learned_is_counted_and_has_a_gradient(
    name: str, setting: str, make_stack: MakeStack, x_BTD: Tensor
) -> None:
    stack = made(make_stack, name, setting).eval()
    counted = parameter_count(stack.config, next(stack.layers()).config, 4, 3)
    assert counted == sum(parameter.numel() for parameter in stack.parameters())
    y_BTH, _ = stack(x_BTD)
    (y_BTH * torch.randn_like(y_BTH)).sum().backward()
    for named, parameter in stack.named_parameters():
        assert parameter.grad is not None and parameter.grad.any(), named
    assert y_BTH.shape == (2, 6, stack.output_size)


@every_case
@pytest.mark.parametrize("training", [True, False])
def test_trace_equals_the_run(name: str, setting: str, training: bool, make_stack: MakeStack, x_BTD: Tensor) -> None:
    """With the same masks, which stand in the state, or are drawn from the same seed."""
    stack = made(make_stack, name, setting).train(training)
    _, state = stack(x_BTD)
    for before in (None, state):
        torch.manual_seed(1)
        y_BTH, after = stack(x_BTD, before)
        torch.manual_seed(1)
        traced = stack.trace(x_BTD, before)
        torch.testing.assert_close(traced.output_BTH, y_BTH, rtol=0, atol=1e-12)
        torch.testing.assert_close(traced.state, after, rtol=0, atol=1e-12)
        assert [len(layer) for layer in traced.values] == [len(cell.names) for cell in stack.layers()]


@every_setting
def test_evaluation_draws_nothing(setting: str, make_stack: MakeStack, x_BTD: Tensor) -> None:
    stack = made(make_stack, "lstm", setting).eval()
    before = torch.get_rng_state()
    assert torch.equal(stack(x_BTD)[0], stack(x_BTD)[0])
    assert torch.equal(torch.get_rng_state(), before)


def test_names_of_weights_do_not_depend_on_the_settings(make_stack: MakeStack) -> None:
    """So weights can be taken over: what is added stands under names of its own."""
    plain = set(make_stack("gru", depth=2).state_dict())
    full = set(make_stack("gru", depth=1, stack=SETTINGS["all"]).state_dict())
    own = {
        f"{group}.{cell}.{name}"
        for cell in (0, 1)
        for group, name in (("norms", "weight"), ("norms", "bias"), ("starts", "h"))
    }
    assert full == plain | own
