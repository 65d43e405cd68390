"""The graphs of a step, run as they are: for every cell the same numbers and gradients as its loop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from rnnlab.config import registry
from rnnlab.models.backends import run_loop
from rnnlab.models.cells.base import Cell, State
from rnnlab.models.compiled import loop
from rnnlab.models.compiled.graphs import StepGraphs, trace_step
from rnnlab.models.compiled.program import Program
from rnnlab.models.compiled.steps import example_step
from rnnlab.models.stack import Stack
from rnnlab.models.zoneout import Zoneout

CELLS = registry.names("cell")
CPU = torch.device("cpu")


def traced(cell: Cell) -> StepGraphs:
    return trace_step(*example_step(cell, CPU, torch.float64))


def uncompiled(graphs: StepGraphs) -> Program:
    """A program whose graphs torch runs operation by operation."""

    def run(graph: Any) -> Callable[[list[Tensor]], list[Tensor]]:
        return lambda inputs: list(graph(*inputs))

    return Program(run(graphs.forward), run(graphs.backward), graphs.wiring)


def differentiated(run: Any, cell: Cell, x_BTD: Tensor, state: State) -> list[Tensor]:
    """Output, last state, and the gradients of input, state and every parameter."""
    torch.manual_seed(5)
    y_BTH, after = run(cell, x_BTD, state, cell.weights())
    weights = torch.Generator().manual_seed(1)
    loss = sum((part * torch.randn(part.shape, generator=weights, dtype=part.dtype)).sum() for part in (y_BTH, *after))
    wanted = [x_BTD, *state, *cell.parameters()]
    found = torch.autograd.grad(loss, wanted, allow_unused=True, materialize_grads=True)
    return [y_BTH, *after, *found]


def compare(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "compiled_steps", lambda cell, device, dtype: uncompiled(traced(cell)))
    torch.manual_seed(3)
    x_BTD = torch.randn(3, 7, cell.input_size, dtype=torch.float64, requires_grad=True)
    state = tuple((part + 0.3 * torch.rand_like(part)).requires_grad_() for part in cell.initial_state(3))
    ours = differentiated(loop.run_compiled, cell, x_BTD, state)
    for found, wanted in zip(ours, differentiated(run_loop, cell, x_BTD, state), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("name", CELLS)
def test_graphs_give_what_the_loop_gives(
    name: str, make_stack: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    (cell,) = make_stack(name, backend="loop").layers()
    compare(cell, monkeypatch)


@pytest.mark.parametrize("name", ["lstm", "lem"])
def test_so_do_those_of_a_cell_with_zoneout(
    name: str, make_stack: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    (cell,) = make_stack(name, backend="loop").layers()
    compare(Zoneout(cell, 0.4).train(), monkeypatch)


@pytest.mark.parametrize("name", CELLS)
def test_every_weight_matrix_has_one_product_for_all_steps(name: str, make_stack: Callable[..., Stack]) -> None:
    """No product of a weight's gradient is left in the graph of a step."""
    (cell,) = make_stack(name, backend="loop").layers()
    graphs, first_weight = traced(cell), 1 + len(cell.state_names)
    matrices = [i for i, w in enumerate(vars(cell.weights()).values(), start=first_weight) if torch.is_tensor(w)]
    matrices = [i for i, w in zip(matrices, vars(cell.weights()).values(), strict=False) if w.dim() == 2]
    assert set(matrices) == set(graphs.wiring.products)


def test_no_gradient_is_kept_where_none_is_wanted(
    make_stack: Callable[..., Stack], monkeypatch: pytest.MonkeyPatch
) -> None:
    (cell,) = make_stack("mgu", backend="loop").layers()
    program = uncompiled(traced(cell))
    monkeypatch.setattr(loop, "compiled_steps", lambda cell, device, dtype: program)
    with torch.no_grad():
        y_BTH, _ = loop.run_compiled(cell, torch.randn(2, 4, 3).double(), cell.initial_state(2), cell.weights())
    assert y_BTH.grad_fn is None
    inputs = (torch.zeros(4, 2, 10).double(), *cell.initial_state(2), *vars(cell.weights()).values())
    assert loop.there(program, 1, inputs, keep=False)[2] == []
