"""What cells share whose gates see the input alone, so that the state is only scaled and added to."""

from __future__ import annotations

from abc import ABC, abstractmethod

from torch import Tensor

from rnnlab.models.cells.base import Cell, Edit, State, Weights, unedited
from rnnlab.models.recurrence import linear_recurrence


class Diagonal(Cell, ABC):
    """h_t = a_t * h_(t-1) + b_t, where a_t and b_t come from x_t: one step at a time, or all in a scan."""

    @abstractmethod
    def coefficients(self, p: Tensor, w: Weights, edit: Edit) -> tuple[Tensor, Tensor]:
        """a and b from projections of one step (B, G) or of all (B, T, G)."""

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        a_BH, b_BH = self.coefficients(p_BG, w, edit)
        h_BH = edit("h", a_BH * h_BH + b_BH)
        return h_BH, (h_BH,)

    has_scan = True

    def scan(self, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        (h_BH,) = state
        a_BTH, b_BTH = self.coefficients(self.project(x_BTD), w, unedited)
        y_BTH = linear_recurrence(a_BTH, b_BTH, h_BH)
        return y_BTH, (y_BTH[:, -1],)
