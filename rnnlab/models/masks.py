"""Masks that live longer than a step: variational dropout on a layer's output, DropConnect on its recurrent weights.

Nothing is remembered in a module: a layer's masks stand in its state, behind the parts of the cell.

Shapes: B batch, T time, H hidden units.
"""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.errors import RequestError
from rnnlab.models.cells.base import Cell, State, Weights


class Masks:
    """Draws and applies the masks of one cell: first that of its output (B, H), then one for each recurrent matrix.

    The output's mask (Gal & Ghahramani 2016, arXiv 1512.05287) is one for all steps of a row, until the
    row's next reset. Those of the weights (Wan 2013; on recurrent weights Merity 2018, arXiv 1708.02182)
    stay for the whole stream. Numbers that are kept are divided by the share that is kept.
    """

    def __init__(self, cell: Cell, on_output: float, on_weights: float) -> None:
        """``on_output``, ``on_weights``: how probably a number is dropped; 0 for no such mask."""
        self.cell = cell
        self.on_output = on_output
        self.on_weights = on_weights
        self.matrices = recurrent_matrices(cell) if on_weights else []

    def draw(self, rows: int) -> State:
        """The masks of a stream of ``rows`` rows that begins."""
        matrices = vars(self.cell.weights())
        of_weights = tuple(drawn(matrices[name], matrices[name].shape, self.on_weights) for name in self.matrices)
        return (*self._draw_rows(rows), *of_weights)

    def redraw(self, masks: State, reset_B: Tensor) -> State:
        """New output masks for the rows that are reset."""
        if not (masks and self.on_output):
            return masks
        (fresh_BH,) = self._draw_rows(len(reset_B))
        return (torch.where(reset_B[:, None], fresh_BH, masks[0]), *masks[1:])

    def weights(self, w: Weights, masks: State) -> Weights:
        """The weights of a window with their masks."""
        if not (masks and self.matrices):
            return w
        of_weights = masks[-len(self.matrices) :]
        dropped = {name: getattr(w, name) * mask for name, mask in zip(self.matrices, of_weights, strict=True)}
        return Weights(**(vars(w) | dropped))

    def output(self, y_BTH: Tensor, masks: State) -> Tensor:
        """The outputs of a stretch between resets with their mask."""
        if not (masks and self.on_output):
            return y_BTH
        return y_BTH * masks[0][:, None].to(y_BTH.dtype)

    def _draw_rows(self, rows: int) -> State:
        if not self.on_output:
            return ()
        return (drawn(next(self.cell.parameters()), (rows, self.cell.hidden_size), self.on_output),)


def drawn(like: Tensor, shape: tuple[int, ...], dropped: float) -> Tensor:
    """0 with probability ``dropped``, else 1 / (1 - dropped): a mask whose mean is 1."""
    keep = 1 - dropped
    return torch.empty(shape, dtype=like.dtype.to_real(), device=like.device).bernoulli_(keep) / keep


def recurrent_matrices(cell: Cell) -> list[str]:
    """The names of the matrices that a step reads; RequestError where it reads none."""
    names = [name for name, weight in vars(cell.weights()).items() if weight.dim() == 2]
    if not names:
        raise RequestError(
            f"stack.drop_connect: cell={cell.config.name} has no matrix of recurrent weights;"
            " stack.zoneout or stack.variational regularise it"
        )
    return names
