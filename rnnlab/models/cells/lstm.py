"""The long short-term memory."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Edit, State, Weights, uniform_parameter
from rnnlab.models.cells.forget_gate import ForgetGateCell


class LSTM(ForgetGateCell):
    """Hochreiter & Schmidhuber 1997 with the forget gate of Gers 2000; the form of torch.nn.LSTM.

        i_t = sigmoid(W_i x_t + R_i h_(t-1) + b_i)        input gate
        f_t = sigmoid(W_f x_t + R_f h_(t-1) + b_f)        forget gate
        g_t = tanh   (W_g x_t + R_g h_(t-1) + b_g)        candidate
        o_t = sigmoid(W_o x_t + R_o h_(t-1) + b_o)        output gate
        c_t = f_t * c_(t-1) + i_t * g_t
        h_t = o_t * tanh(c_t)

    No peepholes. One bias vector, where torch.nn keeps two that are only ever added.
    """

    gates = ("i", "f", "g", "o")
    state_names = ("h", "c")
    names = ("a_i", "i", "a_f", "f", "a_g", "g", "a_o", "o", "c", "h")
    step_weights = ("R_GH",)
    zero_G: Tensor

    def __init__(self, config: ForgetGateCell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_GD = self.input_weights(4 * H)
        self.R_GH = uniform_parameter(4 * H, H, hidden_size=H)
        self.b_G = self.starting_biases()
        self.register_buffer("zero_G", torch.zeros(4 * H), persistent=False)

    @classmethod
    def parameter_count(cls, config: ForgetGateCell.Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return 4 * H * (D + H + 1)

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_GD, self.b_G)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH, c_BH = state
        a_i, a_f, a_g, a_o = (p_BG + h_BH @ w.R_GH.T).chunk(4, dim=-1)
        i_BH = edit("i", torch.sigmoid(edit("a_i", a_i)))
        f_BH = edit("f", torch.sigmoid(edit("a_f", a_f)))
        g_BH = edit("g", torch.tanh(edit("a_g", a_g)))
        o_BH = edit("o", torch.sigmoid(edit("a_o", a_o)))
        c_BH = edit("c", f_BH * c_BH + i_BH * g_BH)
        h_BH = edit("h", o_BH * torch.tanh(c_BH))
        return h_BH, (h_BH, c_BH)

    has_native = True

    def native(self, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        h_BH, c_BH = state
        weights = (self.W_GD, w.R_GH, self.b_G, self.zero_G)
        y_BTH, h_1BH, c_1BH = torch.lstm(
            x_BTD, (h_BH[None], c_BH[None]), weights, True, 1, 0.0, self.training, False, True
        )
        return y_BTH, (h_1BH[0], c_1BH[0])
