"""Zoneout: a state that now and then stays what it was.

Shapes: B batch, T time, D input features, G gates, S parts of the state, H hidden units.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnnlab.models.cells.base import Cell, Edit, State, Weights


class Zoneout(Cell):
    """A cell each unit of whose state keeps its old value with a probability (Krueger 2016, arXiv 1606.01305).

        s_t = d_t * s_(t-1) + (1 - d_t) * u_t         u: what the cell makes of s_(t-1)

    d is drawn for each row, step, part and unit in training, and is its expectation in evaluation. The
    d of all steps stand behind the pre-activations that ``project`` gives: so a step draws nothing, and
    is a function of its arguments as every cell's is. It acts between the steps, where no kernel lets it.

    The weights are the cell's: this is a view of it, and no part of the stack's parameters.
    """

    def __init__(self, cell: Cell, probability: float) -> None:
        super().__init__(cell.config, cell.input_size)
        self.cell = cell
        self.probability = probability

    @classmethod
    def parameter_count(cls, config: Any, input_size: int) -> int:
        raise AssertionError("the cell inside counts its own parameters")

    def made_of(self) -> tuple[type[Cell], ...]:
        return (Zoneout, *self.cell.made_of())

    def resized(self, hidden_size: int) -> Cell:
        return Zoneout(self.cell.resized(hidden_size), self.probability)

    def initial_state(self, rows: int) -> State:
        return self.cell.initial_state(rows)

    def weights(self) -> Weights:
        return self.cell.weights()

    def project(self, x_BTD: Tensor) -> Tensor:
        """Pre-activations, then d of each part of the state: (B, T, G + S H)."""
        p_BTG = self.cell.project(x_BTD)
        d_BTSH = p_BTG.new_full((*p_BTG.shape[:2], self._kept), self.probability)
        if self.cell.training:
            d_BTSH.bernoulli_(self.probability)
        return torch.cat([p_BTG, d_BTSH], dim=-1)

    def project_over_time(self, x_BTD: Tensor) -> Tensor:
        """Time first. Drawn like ``project``, so that every backend keeps the same units."""
        return self.project(x_BTD).transpose(0, 1).contiguous()

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        """One step; ``edit`` sees what the cell made of the state, before any of it is kept."""
        names = self.cell.state_names
        kept = sum(part.shape[-1] for part in state)
        p_BG, d_BSH = p_BG[:, :-kept], p_BG[:, -kept:]
        h_BH, made = self.cell.step(p_BG, state, w, edit)
        zoned = tuple(
            d_BH * old + (1 - d_BH) * new
            for d_BH, old, new in zip(d_BSH.chunk(len(names), dim=-1), state, made, strict=True)
        )
        return (zoned[names.index("h")] if "h" in names else h_BH), zoned

    @property
    def _kept(self) -> int:
        return len(self.cell.state_names) * self.hidden_size
