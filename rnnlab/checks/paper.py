"""Whether a cell computes what it says: its docstring's equations, and torch.nn where that has the same cell."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from rnnlab.checks.finding import Measured, Wrong
from rnnlab.checks.subject import Subject, difference, inputs, reached_state, run, traced
from rnnlab.models.cells.base import Cell
from rnnlab.models.equations import Equation, equations_of, name_of
from rnnlab.models.expressions import Call
from rnnlab.models.oracle import Oracle, Unknown

EXACT = 1e-10
"""What is left between two orders of summation in float64."""


def equations(subject: Subject) -> Measured:
    """The docstring's equations in NumPy give the output, and all that the step names."""
    cell = subject.cell()
    x_BTD, state = inputs(cell, 2, 5), reached_state(cell, 2)
    lines = list(with_sums(equations_of(type(cell)), cell.names))
    defined = {line.left.symbol for line in lines}
    if missing := [name for name in cell.state_names if name not in defined]:
        raise Wrong(f"no equation defines {missing[0]}_t, which the cell carries")
    said = evaluated(cell, lines, x_BTD, state)
    output, _, computed = traced(cell, x_BTD, state)
    computed["output"], said["output"] = output, said["h"]
    compared = {name: difference(value, said[name]) for name, value in computed.items() if name in said}
    worst = max(compared, key=lambda name: compared[name])
    unsaid = [name for name in cell.names if name not in said]
    line = f"largest at {worst}, of {len(compared)} compared" + (
        f"; no equation for {', '.join(unsaid)}" * bool(unsaid)
    )
    return Measured(compared[worst], EXACT, line)


def evaluated(cell: Cell, lines: list[Equation], x_BTD: Tensor, state: tuple[Tensor, ...]) -> dict[str, Tensor]:
    """What the equations say of every value they define, (B, T, H)."""
    symbols = {
        symbol: value.detach().numpy() if isinstance(value, Tensor) else value
        for symbol, value in cell.symbols().items()
    }
    initial = {name: part.numpy() for name, part in zip(cell.state_names, state, strict=True)}
    try:
        found = Oracle(lines, symbols).run(x_BTD.numpy(), initial)
    except Unknown as error:
        raise Wrong(str(error)) from error
    return {name: torch.from_numpy(value) for name, value in found.items()}


def with_sums(lines: list[Equation], names: tuple[str, ...]) -> Iterator[Equation]:
    """The equations, where ``i_t = sigmoid(...)`` of a step that names a_i also defines the sum a_i inside.

    The sum inside the function that gives h may be called a alone.
    """
    unsaid = set(names) - {line.left.symbol for line in lines}
    for line in lines:
        symbols = [f"a_{line.left.symbol}", *(["a"] if line.left.symbol == "h" else [])]
        inside = next((name_of(f"{symbol}_t") for symbol in symbols if symbol in unsaid), None)
        if inside and isinstance(line.right, Call) and len(line.right.arguments) == 1:
            yield Equation(inside, line.right.arguments[0], "", line.text)
            yield Equation(line.left, Call(line.right.function, (inside,)), line.gloss, line.text)
        else:
            yield line


def torch_twin(subject: Subject) -> Measured:
    """The weights of torch.nn's own cell, loaded into ours, give its outputs and its last state."""
    if subject.name not in TORCH:
        return Measured(None, None, "torch.nn has no such cell")
    cell = subject.cell()
    theirs, weights = TORCH[subject.name](cell)
    symbols = cell.symbols()
    with torch.no_grad():
        for symbol, value in weights.items():
            symbols[symbol].copy_(value)
    x_BTD, state = inputs(cell, 2, 7), reached_state(cell, 2)
    before = tuple(part[None] for part in state)
    wanted, after = theirs(x_BTD, before if len(before) > 1 else before[0])
    worst = 0.0
    for backend in subject.backends_of(cell):
        output, last = run(cell, x_BTD, state, backend)
        pairs = zip(
            (output, *last), (wanted, *(part[0] for part in (after if len(last) > 1 else (after,)))), strict=True
        )
        worst = max(worst, *(difference(ours, their) for ours, their in pairs))
    return Measured(worst, 1e-12, f"beside torch.nn.{type(theirs).__name__}")


def torch_lstm(cell: Cell) -> tuple[nn.Module, dict[str, Tensor]]:
    theirs = nn.LSTM(cell.input_size, cell.hidden_size, batch_first=True).double()
    W_GD, R_GH, b_input_G, b_recurrent_G = theirs.parameters()
    return theirs, {
        **blocks("W", "ifgo", W_GD),
        **blocks("R", "ifgo", R_GH),
        **blocks("b", "ifgo", b_input_G + b_recurrent_G),
    }


def torch_gru(cell: Cell) -> tuple[nn.Module, dict[str, Tensor]]:
    """torch's second bias of the candidate stands inside the reset product; those of the gates are only ever added."""
    theirs = nn.GRU(cell.input_size, cell.hidden_size, batch_first=True).double()
    W_GD, R_GH, b_input_G, b_recurrent_G = theirs.parameters()
    b_r, b_z, b_m = b_recurrent_G.chunk(3)
    b_G = b_input_G + torch.cat([b_r, b_z, torch.zeros_like(b_m)])
    return theirs, {**blocks("W", "rzn", W_GD), **blocks("R", "rzn", R_GH), **blocks("b", "rzn", b_G), "b_m": b_m}


def torch_rnn(cell: Cell) -> tuple[nn.Module, dict[str, Tensor]]:
    phi = cell.symbols()["phi"]
    theirs = nn.RNN(cell.input_size, cell.hidden_size, nonlinearity=phi, batch_first=True).double()
    W_x_HD, W_h_HH, b_input_H, b_recurrent_H = theirs.parameters()
    return theirs, {"W_x": W_x_HD, "W_h": W_h_HH, "b": b_input_H + b_recurrent_H}


def blocks(letter: str, gates: str, rows: Tensor) -> dict[str, Tensor]:
    """torch's blocks of rows under our names: W_i, W_f, ..."""
    return {f"{letter}_{gate}": block for gate, block in zip(gates, rows.chunk(len(gates)), strict=True)}


TORCH: dict[str, Callable[[Cell], tuple[nn.Module, dict[str, Tensor]]]] = {
    "lstm": torch_lstm,
    "gru": torch_gru,
    "elman": torch_rnn,
}
"""Cells that torch.nn has, with its module and its weights by our symbols."""
