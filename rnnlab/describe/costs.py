"""What a step of a cell costs: floating-point operations, and memory that waits for the backward pass.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd.graph import saved_tensors_hooks
from torch.utils.flop_counter import FlopCounterMode

from rnnlab.describe.reading import is_constant
from rnnlab.models.backends import run_loop
from rnnlab.models.cells.base import Cell, unedited
from rnnlab.models.equations import Equation
from rnnlab.models.expressions import Binary, Call, Expr, Negative, Product, Transpose

ROWS = 2
SHORT_RUN, LONG_RUN = 2, 6
"""Steps of the two runs whose difference tells what one more step keeps."""
NORM_OPERATIONS = 5
"""A normalisation adds for the mean, subtracts it, squares, adds for the variance, divides: five for each unit."""


@dataclass(frozen=True, slots=True)
class Operations:
    """Floating-point operations of one step forward, for one row of a batch.

    products     of matrices with vectors: two for each weight, a multiplication and an addition
    elementwise  one for each unit and each + - * / and function of the equations
    """

    products: int
    elementwise: int

    @property
    def total(self) -> int:
        return self.products + self.elementwise


def operations(cell: Cell, equations: Iterable[Equation]) -> Operations:
    """Count them: the products as torch runs them, the rest in the equations."""
    steps = [equation.right for equation in equations if equation.left.lag is not None]
    x_BTD = next(cell.parameters()).new_zeros(1, 1, cell.input_size)
    with torch.no_grad():
        state, w = cell.initial_state(1), cell.weights()
        with FlopCounterMode(display=False) as counter:
            cell.step(cell.project(x_BTD)[:, 0], state, w, unedited)
    return Operations(counter.get_total_flops(), cell.hidden_size * sum(map(elementwise, steps)))


def elementwise(expression: Expr) -> int:
    """Operations for each unit; what no step changes is computed once for all and does not count."""
    if is_constant(expression):
        return 0
    match expression:
        case Binary(_, left, right):
            return 1 + elementwise(left) + elementwise(right)
        case Call(function, arguments):
            own = NORM_OPERATIONS if function == "norm" else 1
            return own + sum(map(elementwise, arguments))
        case Product(matrix, vector):
            return elementwise(matrix) + elementwise(vector)
        case Negative(operand):
            return 1 + elementwise(operand)
        case Transpose(operand):
            return elementwise(operand)
    return 0


def bytes_kept(cell: Cell) -> int:
    """Bytes that one more step keeps for the backward pass of the loop, for one row; parameters not counted."""
    return round((_kept(cell, LONG_RUN) - _kept(cell, SHORT_RUN)) / (LONG_RUN - SHORT_RUN) / ROWS)


def _kept(cell: Cell, steps: int) -> int:
    """Bytes of all that autograd keeps of a run of so many steps, each piece of memory counted once."""
    sizes: dict[int, int] = {}
    weights = {parameter.untyped_storage().data_ptr() for parameter in cell.parameters()}

    def keep(value: Tensor) -> Tensor:
        memory = value.untyped_storage()
        if memory.data_ptr() not in weights:
            sizes[memory.data_ptr()] = memory.nbytes()
        return value

    x_BTD = torch.zeros(ROWS, steps, cell.input_size, dtype=next(cell.parameters()).dtype)
    with saved_tensors_hooks(keep, lambda value: value):
        y_BTH, _ = run_loop(cell, x_BTD, cell.initial_state(ROWS), cell.weights())
    return sum(sizes.values()) if y_BTH.requires_grad else 0
