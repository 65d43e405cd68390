"""The LSTM whose gates also see all gates of the step before."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from rnnlab.models.cells.base import Edit, State, Weights, normal_parameter
from rnnlab.models.cells.odyssey import Odyssey


class FGR(Odyssey):
    """Greff et al. 2017, "LSTM: A search space odyssey" (arXiv 1503.04069), variant FGR (full gate recurrence).

        i_t = sigmoid(W_i x_t + R_i h_(t-1) + p_i * c_(t-1) + R_ii i_(t-1) + R_fi f_(t-1) + R_oi o_(t-1) + b_i)
        f_t = sigmoid(W_f x_t + R_f h_(t-1) + p_f * c_(t-1) + R_if i_(t-1) + R_ff f_(t-1) + R_of o_(t-1) + b_f)
        g_t = tanh(W_g x_t + R_g h_(t-1) + b_g)
        c_t = f_t * c_(t-1) + i_t * g_t
        o_t = sigmoid(W_o x_t + R_o h_(t-1) + p_o * c_t + R_io i_(t-1) + R_fo f_(t-1) + R_oo o_(t-1) + b_o)
        h_t = o_t * tanh(c_t)

    As in the first LSTM (Hochreiter & Schmidhuber 1997): the gates are part of the state, and nine
    further matrices join them (``R_PP``: P is i, f, o side by side). These start from N(0, 0.1^2) too;
    the rest is as in PeepholeLSTM.
    """

    state_names = ("h", "c", "i", "f", "o")
    names = ("a_i", "i", "a_f", "f", "a_g", "g", "c", "a_o", "o", "h")
    step_weights = ("R_GH", "R_PP", "p_i_H", "p_f_H", "p_o_H")

    def __init__(self, config: Odyssey.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        self.R_PP = normal_parameter(3 * self.hidden_size, 3 * self.hidden_size)

    @classmethod
    def parameter_count(cls, config: Odyssey.Config, input_size: int) -> int:
        return super().parameter_count(config, input_size) + 9 * config.hidden_size**2

    def symbols(self) -> dict[str, Any]:
        H = self.hidden_size
        blocks = {
            f"R_{told}{gate}": self.R_PP[row * H : (row + 1) * H, column * H : (column + 1) * H]
            for row, gate in enumerate("ifo")
            for column, told in enumerate("ifo")
        }
        return super().symbols() | blocks

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH, c_BH, i_BH, f_BH, o_BH = state
        a_i, a_f, a_g, a_o = (p_BG + h_BH @ w.R_GH.T).chunk(4, dim=-1)
        r_i, r_f, r_o = (torch.cat([i_BH, f_BH, o_BH], dim=-1) @ w.R_PP.T).chunk(3, dim=-1)
        i_BH = edit("i", torch.sigmoid(edit("a_i", a_i + w.p_i_H * c_BH + r_i)))
        f_BH = edit("f", torch.sigmoid(edit("a_f", a_f + w.p_f_H * c_BH + r_f)))
        g_BH = edit("g", torch.tanh(edit("a_g", a_g)))
        c_BH = edit("c", f_BH * c_BH + i_BH * g_BH)
        o_BH = edit("o", torch.sigmoid(edit("a_o", a_o + w.p_o_H * c_BH + r_o)))
        h_BH = edit("h", o_BH * torch.tanh(c_BH))
        return h_BH, (h_BH, c_BH, i_BH, f_BH, o_BH)
