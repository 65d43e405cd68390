"""The LSTM whose input and forget gates are coupled."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Edit, State, Weights
from rnnlab.models.cells.odyssey import Odyssey


class CIFG(Odyssey):
    """Greff et al. 2017, "LSTM: A search space odyssey" (arXiv 1503.04069), variant CIFG (f = 1 - i).

        i_t = sigmoid(W_i x_t + R_i h_(t-1) + p_i * c_(t-1) + b_i)      input gate
        f_t = 1 - i_t                                                   forget gate
        g_t = tanh(W_g x_t + R_g h_(t-1) + b_g)                         block input
        c_t = f_t * c_(t-1) + i_t * g_t                                 memory
        o_t = sigmoid(W_o x_t + R_o h_(t-1) + p_o * c_t + b_o)          output gate
        h_t = o_t * tanh(c_t)                                           output

    What is written takes the place of what is forgotten, as in the GRU: the memory is an average of block
    inputs, and stays in [-1, 1]. There is no b_f, so b_i starts as what -b_f would be. The other equations,
    and how the weights start, are those of PeepholeLSTM.
    """

    gates = ("i", "g", "o")
    names = ("a_i", "i", "f", "a_g", "g", "c", "a_o", "o", "h")
    step_weights = ("R_GH", "p_i_H", "p_o_H")
    bounded = True

    def starting_biases(self) -> nn.Parameter:
        biases_G = super().starting_biases()
        if self.config.chrono_steps is None:
            with torch.no_grad():
                biases_G[: self.hidden_size] = -self.config.forget_bias
        return biases_G

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH, c_BH = state
        a_i, a_g, a_o = (p_BG + h_BH @ w.R_GH.T).chunk(3, dim=-1)
        i_BH = edit("i", torch.sigmoid(edit("a_i", a_i + w.p_i_H * c_BH)))
        f_BH = edit("f", 1 - i_BH)
        g_BH = edit("g", torch.tanh(edit("a_g", a_g)))
        c_BH = edit("c", f_BH * c_BH + i_BH * g_BH)
        o_BH = edit("o", torch.sigmoid(edit("a_o", a_o + w.p_o_H * c_BH)))
        h_BH = edit("h", o_BH * torch.tanh(c_BH))
        return h_BH, (h_BH, c_BH)
