"""What the cells with a forget gate share: how its bias starts.

Shapes: H hidden units, G gates (all pre-activations side by side).
"""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass

import torch
from torch import nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Cell


class ForgetGateCell(Cell, ABC):
    """A cell among whose ``gates`` is a forget gate f, and often an input gate i."""

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """forget_bias: b_f at the start; 1 keeps the memory open (Jozefowicz 2015), 0 is torch.nn's mean.

        chrono_steps: the longest dependency expected, T_max, in steps. Where it is given, b_f starts as
        log U(1, T_max - 1) and b_i as -b_f (Tallec & Ollivier 2018, arXiv 1804.11188), so
        that the units forget after times spread evenly up to T_max; ``forget_bias`` is then not used.
        """

        forget_bias: float = 1.0
        chrono_steps: int | None = None

        def __post_init__(self) -> None:
            Cell.Config.__post_init__(self)
            if self.chrono_steps is not None:
                require(
                    self.chrono_steps >= 2, "cell.chrono_steps", self.chrono_steps, "it must be at least 2, or null"
                )

    config: Config

    def starting_biases(self) -> nn.Parameter:
        """b_G, the biases of all ``gates``: zero but for the forget gate's, and with chrono the input gate's."""
        H, steps = self.hidden_size, self.config.chrono_steps
        start_H = {gate: torch.zeros(H) for gate in self.gates}
        if steps is None:
            start_H["f"] = torch.full((H,), self.config.forget_bias)
        else:
            start_H["f"] = torch.empty(H).uniform_(1, steps - 1).log()
            start_H["i"] = -start_H["f"]
        return nn.Parameter(torch.cat([start_H[gate] for gate in self.gates]))
