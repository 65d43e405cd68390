"""One cell over time, with what stands around it.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Cell, State, Weights
from rnnlab.models.masks import Masks
from rnnlab.models.sequences import back_to_initial, split_at_resets, turned

Run = Callable[[Tensor, State, Weights, int], tuple[Tensor, State]]
"""(x_BTD, state, weights, step of the window at which x starts) -> y_BTH and the last state, of the cell alone."""


class CellOverTime:
    """Initial state, resets, the cell, normalisation and dropout, in this order. Its modules are the stack's.

    The state that goes in and comes out is that of the cell, with the masks behind it that go on to
    the next window. Evaluation knows no masks: it leaves them out of the state, and training draws new ones.
    """

    def __init__(
        self,
        cell: Cell,
        backward: bool,
        norm: nn.Module,
        start: nn.ParameterDict | None,
        masks: Masks,
        dropout: float,
    ) -> None:
        """``backward``: from each row's last valid step to the first. ``start``: the learned initial state.

        ``dropout``: with a new mask at every step.
        """
        self.cell = cell
        self.backward = backward
        self.norm = norm
        self.start = start
        self.masks = masks
        self.dropout = dropout

    def initial_state(self, rows: int) -> State:
        """The learned initial state, or the cell's own."""
        if self.start is None:
            return self.cell.initial_state(rows)
        return tuple(self.start[name].repeat(rows, 1) for name in self.cell.state_names)

    def through(
        self, x_BTD: Tensor, state: State | None, reset_BT: Tensor | None, lengths_B: Tensor | None, run: Run
    ) -> tuple[Tensor, State]:
        """All steps of a window, in their order, and the last state; ``state`` None begins a stream."""
        if not self.backward:
            return self._forward(x_BTD, state, reset_BT, run)
        y_BTH, last = self._forward(turned(x_BTD, lengths_B), state, reset_BT, run)
        return turned(y_BTH, lengths_B), last

    def _forward(self, x_BTD: Tensor, state: State | None, reset_BT: Tensor | None, run: Run) -> tuple[Tensor, State]:
        """The steps as they come, a stretch between resets at a time."""
        rows, steps = x_BTD.shape[:2]
        parts, masks = self._begin(rows, state)
        w = self.masks.weights(self.cell.weights(), masks)
        outputs = []
        for start, stop, reset_B in split_at_resets(reset_BT, steps):
            if reset_B is not None:
                parts = back_to_initial(parts, self.initial_state(rows), reset_B)
                masks = self.masks.redraw(masks, reset_B)
            y_BTH, parts = run(x_BTD[:, start:stop], parts, w, start)
            outputs.append(self.masks.output(self.norm(y_BTH), masks))
        y_BTH = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=1)
        return self._dropped(y_BTH), (*parts, *masks)

    def _begin(self, rows: int, state: State | None) -> tuple[State, State]:
        """The parts of the cell's state, and the masks."""
        state = self.initial_state(rows) if state is None else state
        names = len(self.cell.state_names)
        parts, masks = state[:names], state[names:]
        if not self.cell.training:
            return parts, ()
        return parts, masks or self.masks.draw(rows)

    def _dropped(self, y_BTH: Tensor) -> Tensor:
        """Dropout. Masks are drawn in the order of memory, in which backends differ: so that is set first."""
        if not self.cell.training or self.dropout == 0:
            return y_BTH
        return nn.functional.dropout(y_BTH.contiguous(), self.dropout)
