"""The LSTM whose recurrent matrix depends on what is read."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Edit, State, Weights, uniform_parameter
from rnnlab.models.cells.forget_gate import ForgetGateCell


class MultiplicativeLSTM(ForgetGateCell):
    """Krause, Lu, Murray & Renals 2016, "Multiplicative LSTM for sequence modelling" (arXiv 1609.07959).

        m_t = (W_m x_t) * (R_m h_(t-1))               the output before, through a matrix that x chooses
        i_t = sigmoid(W_i x_t + R_i m_t + b_i)        input gate
        f_t = sigmoid(W_f x_t + R_f m_t + b_f)        forget gate
        g_t = W_g x_t + R_g m_t + b_g                 candidate
        o_t = sigmoid(W_o x_t + R_o m_t + b_o)        output gate
        c_t = f_t * c_(t-1) + i_t * g_t               memory
        h_t = tanh(o_t * c_t)                         output

    This LSTM is not the usual one: the candidate has no tanh, and the output gate stands inside the one that
    is left. So the paper's own programs compute it; their later form with weight normalisation, and most
    reimplementations, have i * tanh(g) and o * tanh(c) as in LSTM. R_m is W_mh of the paper, R_g is W_hm;
    m has as many units as h, and no bias. The biases of the others and all weights start as in LSTM.
    """

    gates = ("m", "i", "f", "g", "o")
    state_names = ("h", "c")
    names = ("m", "a_i", "i", "a_f", "f", "g", "a_o", "o", "c", "h")

    def __init__(self, config: ForgetGateCell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_GD = self.input_weights(5 * H)
        self.R_GH = uniform_parameter(5 * H, H, hidden_size=H)
        self.b_4H = nn.Parameter(self.starting_biases().detach()[H:].clone())

    @classmethod
    def parameter_count(cls, config: ForgetGateCell.Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return 5 * H * (D + H) + 4 * H

    def weights(self) -> Weights:
        """R of m and R of the gates, each by itself: a step multiplies with one after the other."""
        R_m_HH, R_4H = self.R_GH.split([self.hidden_size, 4 * self.hidden_size])
        return Weights(R_m_HH=R_m_HH, R_4H=R_4H)

    def symbols(self) -> dict[str, Any]:
        biases = zip(self.gates[1:], self.b_4H.chunk(4), strict=True)
        return super().symbols() | {f"b_{gate}": b_H for gate, b_H in biases}

    def project(self, x_BTD: Tensor) -> Tensor:
        no_bias_of_m_G = nn.functional.pad(self.b_4H, (self.hidden_size, 0))
        return nn.functional.linear(x_BTD, self.W_GD, no_bias_of_m_G)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH, c_BH = state
        H = h_BH.shape[-1]
        m_BH = edit("m", p_BG[:, :H] * (h_BH @ w.R_m_HH.T))
        a_i, a_f, a_g, a_o = (p_BG[:, H:] + m_BH @ w.R_4H.T).chunk(4, dim=-1)
        i_BH = edit("i", torch.sigmoid(edit("a_i", a_i)))
        f_BH = edit("f", torch.sigmoid(edit("a_f", a_f)))
        g_BH = edit("g", a_g)
        o_BH = edit("o", torch.sigmoid(edit("a_o", a_o)))
        c_BH = edit("c", f_BH * c_BH + i_BH * g_BH)
        h_BH = edit("h", torch.tanh(o_BH * c_BH))
        return h_BH, (h_BH, c_BH)
