"""Depth and time: layers of one cell, the one time loop, and the trace of everything inside it.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnlab.config.schema import ComponentConfig, require
from rnnlab.models.backends import Backend, choose_backend, run_cell, run_loop
from rnnlab.models.cells.base import Cell, Edit, State
from rnnlab.models.trace import Trace, TraceEdit

# cuDNN wants all weights of a kernel in one piece of memory and else copies them at each call: some
# megabytes on the device, less than the trouble of parameters that are views of one another.
warnings.filterwarnings("ignore", message="RNN module weights are not part of single contiguous chunk")

StackState = tuple[State, ...]
"""The state of every layer, lowest first. It goes in and comes out; no module remembers it."""


class Stack(nn.Module):
    """``depth`` layers of one cell over time, with dropout on the output of every layer.

    Dropout is our own also where a fused kernel runs a layer: cuDNN's keeps a state of its own that
    no seed reaches.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ComponentConfig):
        """depth: layers. dropout: probability that a layer's output is zeroed, the last layer's too."""

        depth: int = 1
        dropout: float = 0.4
        backend: Backend = Backend.auto

        def __post_init__(self) -> None:
            require(self.depth >= 1, "stack.depth", self.depth, "it must be at least 1")
            require(0 <= self.dropout < 1, "stack.dropout", self.dropout, "it must be in [0, 1)")

    def __init__(self, config: Config, make_cell: Callable[[int], Cell], input_size: int) -> None:
        """``make_cell`` takes the input size D of a layer and returns its cell."""
        super().__init__()
        self.config = config
        first = make_cell(input_size)
        self.hidden_size = first.hidden_size
        rest = [make_cell(self.hidden_size) for _ in range(config.depth - 1)]
        self.cells = nn.ModuleList([first, *rest])
        self.backend = choose_backend(config.backend, first)

    def initial_state(self, rows: int) -> StackState:
        return tuple(cell.initial_state(rows) for cell in self.layers())

    def layers(self) -> Iterator[Cell]:
        for cell in self.cells:
            assert isinstance(cell, Cell)
            yield cell

    def forward(
        self, x_BTD: Tensor, state: StackState | None = None, reset_BT: Tensor | None = None
    ) -> tuple[Tensor, StackState]:
        """Run all layers over all steps.

        ``state``: where to go on from; None for the initial state. ``reset_BT``: rows whose state is
        set back to the initial one before step t. Returns y_BTH of the last layer and the last state.
        """

        def run(layer: int, cell: Cell, x: Tensor, s: State, start: int) -> tuple[Tensor, State]:
            return run_cell(cell, x, s, cell.weights(), self.backend)

        return self._through_layers(x_BTD, state, reset_BT, run)

    def trace(
        self,
        x_BTD: Tensor,
        state: StackState | None = None,
        reset_BT: Tensor | None = None,
        edit: TraceEdit | None = None,
    ) -> Trace:
        """The same run through the loop, with every named intermediate of each layer and step kept.

        ``edit(layer, t, name, value)`` may return another value, with which the step goes on.
        The tensors stay in the graph: ``Trace.gradients`` gives dL/d of each of them.
        """
        record: list[dict[str, list[Tensor]]] = [{name: [] for name in cell.names} for cell in self.layers()]

        def run(layer: int, cell: Cell, x: Tensor, s: State, start: int) -> tuple[Tensor, State]:
            def edit_at(t: int) -> Edit:
                def keep(name: str, value: Tensor) -> Tensor:
                    value = value if edit is None else edit(layer, start + t, name, value)
                    record[layer][name].append(value)
                    return value

                return keep

            return run_loop(cell, x, s, cell.weights(), edit_at)

        y_BTH, last = self._through_layers(x_BTD, state, reset_BT, run)
        return Trace(values=record, output_BTH=y_BTH, state=last)

    def _through_layers(
        self,
        x_BTD: Tensor,
        state: StackState | None,
        reset_BT: Tensor | None,
        run: Callable[[int, Cell, Tensor, State, int], tuple[Tensor, State]],
    ) -> tuple[Tensor, StackState]:
        rows, steps = x_BTD.shape[:2]
        state = self.initial_state(rows) if state is None else state
        pieces = list(split_at_resets(reset_BT, steps))
        after: list[State] = []
        for layer, cell in enumerate(self.layers()):
            current, outputs = state[layer], []
            for start, stop, reset_B in pieces:
                if reset_B is not None:
                    current = back_to_initial(current, cell.initial_state(rows), reset_B)
                y_BTH, current = run(layer, cell, x_BTD[:, start:stop], current, start)
                outputs.append(y_BTH)
            x_BTD = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=1)
            x_BTD = self._dropped(x_BTD)
            after.append(current)
        return x_BTD, tuple(after)

    def _dropped(self, y_BTH: Tensor) -> Tensor:
        """Dropout. Masks are drawn in the order of memory, in which backends differ: so that is set first."""
        if not self.training or self.config.dropout == 0:
            return y_BTH
        return nn.functional.dropout(y_BTH.contiguous(), self.config.dropout)


def split_at_resets(reset_BT: Tensor | None, steps: int) -> Iterator[tuple[int, int, Tensor | None]]:
    """(start, stop, rows to reset before start): the stretches of a window between resets of any row."""
    if reset_BT is None:
        yield 0, steps, None
        return
    cuts = [int(t) for t in reset_BT.any(dim=0).nonzero()]
    starts = cuts if cuts[:1] == [0] else [0, *cuts]
    for start, stop in zip(starts, [*starts[1:], steps], strict=True):
        yield start, stop, reset_BT[:, start] if start in cuts else None


def back_to_initial(state: State, initial: State, reset_B: Tensor) -> State:
    """The initial state in the rows to reset, the present one in the others."""
    where = reset_B[:, None]
    return tuple(torch.where(where, fresh, now) for fresh, now in zip(initial, state, strict=True))
