"""What every cell must do, whichever there are: found by name, and held against its own loop."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck

from rnnlab.config import registry
from rnnlab.models.backends import Backend
from rnnlab.models.cells.base import Cell, InputStart, State, unedited
from rnnlab.models.stack import Stack

CELLS = registry.names("cell")
MakeStack = Callable[..., Stack]
TOLERANCE = {torch.float32: 2e-5, torch.float64: 1e-13}
"""Largest difference between backends after ten steps of numbers around one: rounding only."""

every_cell = pytest.mark.parametrize("name", CELLS)
every_type = pytest.mark.parametrize("dtype", TOLERANCE, ids=str)


def random_state(stack: Stack, rows: int, dtype: torch.dtype = torch.float64) -> tuple[State, ...]:
    return tuple(
        tuple(0.5 * torch.randn(part.shape, dtype=dtype) for part in layer) for layer in stack.initial_state(rows)
    )


def flat(stack_output: tuple[Tensor, tuple[State, ...]]) -> list[Tensor]:
    output, state = stack_output
    return [output, *(part for layer in state for part in layer)]


def one_cell(stack: Stack) -> Cell:
    return next(stack.layers())


def backends(stack: Stack) -> list[Backend]:
    return [Backend.loop, Backend.native] if one_cell(stack).has_native else [Backend.loop]


def test_the_set_is_found() -> None:
    assert {"elman", "gru", "lstm"} <= set(CELLS)


@every_cell
def test_option_is_the_module_and_its_source_is_cited(name: str) -> None:
    cell = registry.component("cell", name)
    assert cell.__module__.rpartition(".")[2] == name
    assert re.search(r"\b(19|20)\d\d\b", cell.__doc__), "the docstring names the paper's year"
    assert "h_t" in cell.__doc__, "the docstring has the equations"


@every_cell
def test_names_are_exactly_what_a_step_edits_in_order(name: str, make_stack: MakeStack) -> None:
    cell = one_cell(make_stack(name))
    seen: list[str] = []

    def note(named: str, value: Tensor) -> Tensor:
        seen.append(named)
        assert value.shape == (2, cell.hidden_size)
        return value

    cell.step(
        cell.project(torch.randn(2, 1, 3, dtype=torch.float64))[:, 0], cell.initial_state(2), cell.weights(), note
    )
    assert tuple(seen) == cell.names
    assert set(cell.state_names) <= set(cell.names)


@every_cell
def test_state_has_its_names_and_begins_with_the_output(name: str, make_stack: MakeStack) -> None:
    cell = one_cell(make_stack(name))
    before = cell.initial_state(2)
    assert len(before) == len(cell.state_names) and cell.state_names[0] == "h"
    recorded: dict[str, Tensor] = {}

    def keep(named: str, value: Tensor) -> Tensor:
        recorded[named] = value
        return value

    output, after = cell.step(
        cell.project(torch.randn(2, 1, 3, dtype=torch.float64))[:, 0], before, cell.weights(), keep
    )
    assert torch.equal(output, after[0])
    for part, named in zip(after, cell.state_names, strict=True):
        assert torch.equal(part, recorded[named])


@every_cell
@every_type
@pytest.mark.parametrize("depth", [1, 2])
def test_backends_and_trace_agree(name: str, dtype: torch.dtype, depth: int, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=depth, dtype=dtype)
    x_BTD, state = torch.randn(2, 10, 3, dtype=dtype), random_state(stack, 2, dtype)
    traced = stack.trace(x_BTD, state)
    wanted = flat((traced.output_BTH, traced.state))
    for backend in backends(stack):
        stack.backend = backend
        for ours, theirs in zip(flat(stack(x_BTD, state)), wanted, strict=True):
            assert (ours - theirs).abs().max() <= TOLERANCE[dtype]
    stack.backend = Backend.loop
    for ours, theirs in zip(flat(stack(x_BTD, state)), wanted, strict=True):
        assert torch.equal(ours, theirs), "the trace is the loop itself"


@every_cell
@every_type
def test_backends_give_the_same_gradients(name: str, dtype: torch.dtype, make_stack: MakeStack) -> None:
    stack = make_stack(name, dtype=dtype)
    x_BTD, state = torch.randn(2, 10, 3, dtype=dtype), random_state(stack, 2, dtype)
    weight = torch.randn(2, 10, 5, dtype=dtype)
    found = []
    for backend in backends(stack):
        stack.backend = backend
        stack.zero_grad()
        output, after = stack(x_BTD, state)
        ((output * weight).sum() + sum(part.sum() for part in after[0])).backward()
        found.append([parameter.grad.clone() for parameter in stack.parameters()])
    for others in found[1:]:
        for ours, theirs in zip(found[0], others, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=10 * TOLERANCE[dtype], atol=10 * TOLERANCE[dtype])


@every_cell
def test_an_edit_changes_what_it_edits_and_what_follows(name: str, make_stack: MakeStack) -> None:
    cell = one_cell(make_stack(name))
    p_BG = cell.project(torch.randn(2, 1, 3, dtype=torch.float64))[:, 0]
    state = random_state(make_stack(name), 2)[0]

    def step(edited: str | None) -> tuple[dict[str, Tensor], list[Tensor]]:
        values: dict[str, Tensor] = {}

        def edit(named: str, value: Tensor) -> Tensor:
            values[named] = value
            return value + 0.1 if named == edited else value

        output, after = cell.step(p_BG, state, cell.weights(), edit)
        return values, [output, *after]

    plain, plain_results = step(None)
    for position, edited in enumerate(cell.names):
        values, results = step(edited)
        for earlier in cell.names[: position + 1]:  # ``edited`` itself as it came in
            assert torch.equal(values[earlier], plain[earlier]), f"editing {edited} changed {earlier}"
        assert any(not torch.equal(ours, theirs) for ours, theirs in zip(results, plain_results, strict=True)), edited


@every_cell
def test_every_part_of_the_state_matters(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name)
    x_BTD, state = torch.randn(2, 1, 3, dtype=torch.float64), random_state(stack, 2)
    for backend in backends(stack):
        stack.backend = backend
        before = stack(x_BTD, state)[0]
        for part in range(len(state[0])):
            changed = list(state[0])
            changed[part] = changed[part] + 0.1
            assert (stack(x_BTD, (tuple(changed),))[0] - before).abs().min() > 0


@every_cell
def test_two_halves_with_carried_state_are_the_whole(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, depth=2)
    x_BTD, state = torch.randn(2, 9, 3, dtype=torch.float64), random_state(stack, 2)
    for backend in backends(stack):
        stack.backend = backend
        whole, at_end = stack(x_BTD, state)
        first, between = stack(x_BTD[:, :4], state)
        second, after = stack(x_BTD[:, 4:], between)
        torch.testing.assert_close(torch.cat([first, second], dim=1), whole, rtol=0, atol=1e-14)
        for ours, theirs in zip(flat((second, after))[1:], flat((whole, at_end))[1:], strict=True):
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-14)


@every_cell
def test_initial_state_is_zero(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name)
    x_BTD = torch.randn(2, 3, 3, dtype=torch.float64)
    assert all(not part.any() for layer in stack.initial_state(2) for part in layer)
    assert torch.equal(stack(x_BTD)[0], stack(x_BTD, stack.initial_state(2))[0])


@every_cell
def test_rows_do_not_see_each_other(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name)
    x_BTD, state = torch.randn(3, 4, 3, dtype=torch.float64), random_state(stack, 3)
    alone = stack(x_BTD[1:2], tuple(tuple(part[1:2] for part in layer) for layer in state))[0]
    torch.testing.assert_close(stack(x_BTD, state)[0][1:2], alone, rtol=0, atol=1e-14)


@every_cell
def test_gradients_of_a_step_to_the_second_order(name: str, make_stack: MakeStack) -> None:
    cell = one_cell(make_stack(name, input_size=2, hidden_size=3))
    p_BG = cell.project(torch.randn(2, 1, 2, dtype=torch.float64))[:, 0].detach().requires_grad_()
    state = [torch.randn(2, 3, dtype=torch.float64, requires_grad=True) for _ in cell.state_names]

    def step(p: Tensor, *parts: Tensor) -> tuple[Tensor, ...]:
        output, after = cell.step(p, parts, cell.weights(), unedited)
        return (output, *after)

    assert gradcheck(step, (p_BG, *state))
    assert gradgradcheck(step, (p_BG, *state))


@every_cell
def test_gradients_of_the_weights_on_every_backend(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name, input_size=2, hidden_size=2)
    names = [named for named, _ in stack.named_parameters()]
    weights = [parameter.detach().clone().requires_grad_() for parameter in stack.parameters()]
    x_BTD = torch.randn(2, 3, 2, dtype=torch.float64, requires_grad=True)
    for backend in backends(stack):
        stack.backend = backend

        def run(x: Tensor, *values: Tensor) -> Tensor:
            return torch.func.functional_call(stack, dict(zip(names, values, strict=True)), (x,))[0]

        assert gradcheck(run, (x_BTD, *weights))


@every_cell
def test_every_weight_has_a_gradient(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name)
    stack(torch.randn(2, 3, 3, dtype=torch.float64))[0].sum().backward()
    for named, parameter in stack.named_parameters():
        assert parameter.grad is not None and parameter.grad.abs().sum() > 0, named


@every_cell
def test_buffers_stay_out_of_checkpoints(name: str, make_stack: MakeStack) -> None:
    stack = make_stack(name)
    assert list(stack.state_dict()) == [named for named, _ in stack.named_parameters()]


@every_cell
def test_a_cell_adds_no_settings_without_documentation(name: str) -> None:
    config = registry.component("cell", name).Config
    documented = " ".join(inspect.getdoc(base) or "" for base in config.__mro__)
    for field in config.__dataclass_fields__:
        if field != "name":
            assert field in documented or field in (registry.component("cell", name).__doc__ or ""), field


@pytest.mark.parametrize("name", registry.names("cell"))
def test_weights_on_the_input_start_with_the_variance_that_was_asked_for(name: str) -> None:
    D, H = 64, 256
    variances = {"fan_in": 1 / D, "torch": 1 / (3 * H)}
    for start, variance in variances.items():
        cell_class = registry.component("cell", name)
        config = cell_class.Config(name=name, hidden_size=H, input_start=InputStart(start))
        cell = cell_class(config, D)
        (weights,) = [p for p in cell.parameters() if p.dim() == 2 and p.shape[1] == D]
        assert abs(weights.var().item() / variance - 1) < 0.05
