"""The update gate recurrent network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnlab.models.cells.base import Cell, Edit, State, Weights
from rnnlab.models.cells.gated import Gated


class UGRNN(Gated):
    """Collins, Sohl-Dickstein & Sussillo 2017, "Capacity and trainability in RNNs" (arXiv 1611.09913).

        c_t = tanh   (W_c x_t + R_c h_(t-1) + b_c)    candidate
        g_t = sigmoid(W_g x_t + R_g h_(t-1) + b_g)    update gate
        h_t = g_t * h_(t-1) + (1 - g_t) * c_t

    A GRU without its reset gate: both sums are one product. The paper adds a bias b^fg of its search
    space inside the gate; here it is the start of b_g.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """gate_bias: b_g at the start; above 0 the state is kept longer."""

        gate_bias: float = 1.0

    gates = ("c", "g")
    names = ("a_c", "c", "a_g", "g", "h")
    step_weights = ("R_GH",)
    bounded = True

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        with torch.no_grad():
            self.b_G[self.hidden_size :] = config.gate_bias

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        a_c, a_g = (p_BG + h_BH @ w.R_GH.T).chunk(2, dim=-1)
        c_BH = edit("c", torch.tanh(edit("a_c", a_c)))
        g_BH = edit("g", torch.sigmoid(edit("a_g", a_g)))
        h_BH = edit("h", g_BH * h_BH + (1 - g_BH) * c_BH)
        return h_BH, (h_BH,)
