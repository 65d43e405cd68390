"""The trace: complete, editable, and its gradients those of finite differences."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.models.stack import Stack
from rnnlab.models.trace import TraceEdit

MakeStack = Callable[..., Stack]
CELLS = registry.names("cell")
every_cell = pytest.mark.parametrize("name", CELLS)
STEPS, LAYERS = 6, 2


@every_cell
def test_every_intermediate_of_each_layer_and_step_is_there(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=LAYERS)
    x_BTD = torch.randn(3, STEPS, 3, dtype=torch.float64)
    traced = stack.trace(x_BTD)
    assert len(traced.values) == LAYERS
    for layer, cell in enumerate(stack.layers()):
        assert set(traced.values[layer]) == set(cell.names)
        for named in cell.names:
            assert traced.stacked(layer, named).shape == (3, STEPS, 5)
    assert torch.equal(traced.stacked(LAYERS - 1, "h"), traced.output_BTH)
    for layer, cell in enumerate(stack.layers()):
        for part, named in zip(traced.state[layer], cell.state_names, strict=True):
            assert torch.equal(part, traced.values[layer][named][-1])


@every_cell
def test_what_each_layer_read_is_there(name: str, make_stack: MakeStack) -> None:
    """Over resets too; the gradient of a projection is that of finite differences along a direction."""
    stack = make_stack(name, depth=LAYERS)
    reset = torch.zeros(2, STEPS, dtype=torch.bool)
    reset[0, 2] = True
    x_BTD = torch.randn(2, STEPS, 3, dtype=torch.float64)
    traced = stack.trace(x_BTD, None, reset)
    assert torch.equal(traced.read(0)[0], x_BTD) and torch.equal(traced.read(1)[0], traced.stacked(0, "h"))
    for layer, cell in enumerate(stack.layers()):
        read_BTD, projected_BTG = traced.read(layer)
        torch.testing.assert_close(projected_BTG, cell.project(read_BTD))
    names = [cell.state_names for cell in stack.layers()]
    loss = traced.output_BTH[:, -1].square().sum()
    of_values, of_projections = traced.gradients_of(loss, names)
    everything = traced.gradients(loss)
    for layer, named in enumerate(names):
        assert set(of_values[layer]) == set(named)
        assert all(torch.equal(of_values[layer][part], everything[layer][part]) for part in named)
        assert of_projections[layer].shape == traced.read(layer)[1].shape
    # Behind the lowest layer's projection stands its input: the chain rule through it gives the whole gradient.
    leaf_BTD = x_BTD.clone().requires_grad_()
    again = stack.trace(leaf_BTD, None, reset)
    again_loss = again.output_BTH[:, -1].square().sum()
    (wanted,) = torch.autograd.grad(again_loss, leaf_BTD, retain_graph=True)
    projection = again.gradients_of(again_loss, [(), ()])[1][0]
    (found,) = torch.autograd.grad(again.read(0)[1], leaf_BTD, projection)
    torch.testing.assert_close(found, wanted, rtol=1e-10, atol=1e-14)


@every_cell
def test_a_trace_changes_nothing(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=LAYERS, dropout=0.5).train()
    x_BTD = torch.randn(3, STEPS, 3, dtype=torch.float64)
    weights = {key: value.clone() for key, value in stack.state_dict().items()}

    def run() -> Tensor:
        torch.manual_seed(3)
        return stack(x_BTD)[0]

    before, backend = run(), stack.backend
    stack.trace(x_BTD, edit=lambda layer, t, named, value: value * 0).output_BTH.sum().backward()
    stack.zero_grad()
    assert torch.equal(run(), before) and stack.backend is backend and stack.training
    assert all(torch.equal(value, weights[key]) for key, value in stack.state_dict().items())


@every_cell
def test_an_edit_reaches_later_steps_and_higher_layers_only(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=LAYERS)
    x_BTD = torch.randn(3, STEPS, 3, dtype=torch.float64)
    plain = stack.trace(x_BTD)
    part = next(stack.layers()).state_names[0]
    edited = stack.trace(x_BTD, edit=lambda layer, t, named, value: value + 0.1 * ((layer, t, named) == (1, 2, part)))
    for named in plain.values[0]:
        assert torch.equal(edited.stacked(0, named), plain.stacked(0, named))
    for named in plain.values[1]:
        assert torch.equal(edited.stacked(1, named)[:, :2], plain.stacked(1, named)[:, :2])
    assert torch.equal(edited.values[1][part][2], plain.values[1][part][2] + 0.1)
    assert not torch.equal(edited.values[1][part][3], plain.values[1][part][3])


@every_cell
def test_steps_are_counted_over_resets(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name)
    reset = torch.zeros(2, STEPS, dtype=torch.bool)
    reset[0, 2] = reset[1, 4] = True
    seen: list[int] = []

    def note(layer: int, t: int, named: str, value: Tensor) -> Tensor:
        seen.extend([t] if named == "h" else [])
        return value

    x_BTD = torch.randn(2, STEPS, 3, dtype=torch.float64)
    assert torch.equal(stack.trace(x_BTD, None, reset, note).output_BTH, stack.trace(x_BTD, None, reset).output_BTH)
    assert seen == list(range(STEPS))


def nudge(layer: int, name: str, by_BTH: Tensor) -> TraceEdit:
    """Adds ``by_BTH`` to one intermediate of one layer."""
    return lambda at_layer, t, at_name, value: value + by_BTH[:, t] if (at_layer, at_name) == (layer, name) else value


def cases() -> list[tuple[str, int, str]]:
    return [
        (name, layer, named)
        for name in CELLS
        for layer in range(LAYERS)
        for named in registry.component("cell", name).names
    ]


@pytest.mark.parametrize(("name", "layer", "named"), cases())
def test_gradients_are_those_of_finite_differences(name: str, layer: int, named: str, make_stack: MakeStack) -> None:
    """Differences of the fourth order of a loss at the last step, along a random direction at all steps."""
    stack = make_stack(name, depth=LAYERS, backend="loop")
    x_BTD = torch.randn(2, STEPS, 3, dtype=torch.float64)
    weight, direction = torch.randn(2, 5, dtype=torch.float64), torch.randn(2, STEPS, 5, dtype=torch.float64)

    def loss(size: float) -> float:
        edit = nudge(layer, named, size * direction)
        return float((stack.trace(x_BTD, edit=edit).output_BTH[:, -1] * weight).sum().detach())

    traced = stack.trace(x_BTD)
    gradient = traced.gradients((traced.output_BTH[:, -1] * weight).sum())[layer][named]
    size = 1e-6
    near, far = loss(size) - loss(-size), loss(2 * size) - loss(-2 * size)
    assert float((gradient * direction).sum()) == pytest.approx((8 * near - far) / (12 * size), rel=1e-6, abs=1e-8)


@every_cell
@pytest.mark.parametrize("layer", range(LAYERS))
def test_gradients_follow_the_recurrent_path(name: str, layer: int, make_stack: MakeStack) -> None:
    """A loss at the last step alone has a gradient at each earlier one, for every part of the state."""
    stack = make_stack(name, depth=LAYERS)
    traced = stack.trace(torch.randn(2, STEPS, 3, dtype=torch.float64))
    gradients = traced.gradients(traced.output_BTH[:, -1].square().sum())[layer]
    for part in next(stack.layers()).state_names:
        assert gradients[part].flatten(2).norm(dim=-1).min() > 0


@every_cell
def test_gradients_are_zero_where_a_loss_does_not_look(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name)
    traced = stack.trace(torch.randn(2, STEPS, 3, dtype=torch.float64))
    gradients = traced.gradients(traced.output_BTH[:, 2].sum())[0]
    for part in next(stack.layers()).state_names:
        assert not gradients[part][:, 3:].any()
        assert gradients[part][:, :3].abs().sum() > 0


def test_gradients_of_h_are_those_of_a_hand_derivation(make_stack: MakeStack) -> None:
    """Elman: dL/dh_(t-1) = W_h^T (dL/dh_t * (1 - h_t^2)), where the loss looks at the last step only."""
    stack = make_stack("elman")
    traced = stack.trace(torch.randn(2, STEPS, 3, dtype=torch.float64))
    found = traced.gradients(traced.output_BTH[:, -1].sum())[0]["h"]
    wanted = torch.ones(2, 5, dtype=torch.float64)
    for t in range(STEPS - 1, -1, -1):
        torch.testing.assert_close(found[:, t], wanted, rtol=1e-12, atol=1e-14)
        wanted = (wanted * (1 - traced.values[0]["h"][t] ** 2)) @ stack.cells[0].W_h_HH


def test_only_what_is_wanted_is_kept_and_all_can_be_edited(make_stack: MakeStack) -> None:
    stack = make_stack("lstm", depth=LAYERS)
    x_BTD = torch.randn(2, STEPS, 3, dtype=torch.float64)
    without_c: TraceEdit = lambda layer, t, name, value: value * 0 if name == "c" else value  # noqa: E731
    for edit in (None, without_c):
        whole = stack.trace(x_BTD, edit=edit)
        part = stack.trace(x_BTD, edit=edit, names=[("h",)] + [()] * (LAYERS - 1))
        assert [list(named) for named in part.values] == [["h"]] + [[]] * (LAYERS - 1)
        torch.testing.assert_close(part.stacked(0, "h"), whole.stacked(0, "h"), rtol=0, atol=0)
        torch.testing.assert_close(part.output_BTH, whole.output_BTH, rtol=0, atol=0)
