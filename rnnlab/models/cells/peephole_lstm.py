"""The long short-term memory with peepholes, the vanilla LSTM of the Odyssey."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.models.cells.base import Edit, State, Weights
from rnnlab.models.cells.odyssey import Odyssey


class PeepholeLSTM(Odyssey):
    """Greff et al. 2017, "LSTM: A search space odyssey" (arXiv 1503.04069), section II.

        i_t = sigmoid(W_i x_t + R_i h_(t-1) + p_i * c_(t-1) + b_i)      input gate
        f_t = sigmoid(W_f x_t + R_f h_(t-1) + p_f * c_(t-1) + b_f)      forget gate
        g_t = tanh(W_g x_t + R_g h_(t-1) + b_g)                         block input
        c_t = f_t * c_(t-1) + i_t * g_t                                 memory
        o_t = sigmoid(W_o x_t + R_o h_(t-1) + p_o * c_t + b_o)          output gate
        h_t = o_t * tanh(c_t)                                           output

    A gate sees the memory through its peephole p, a vector: i and f the memory of the step before, o the
    new one (Gers & Schmidhuber 2000). With p = 0 this is LSTM. Weights and peepholes start from
    N(0, 0.1^2) as in the paper, biases as in LSTM.
    """

    names = ("a_i", "i", "a_f", "f", "a_g", "g", "c", "a_o", "o", "h")

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH, c_BH = state
        a_i, a_f, a_g, a_o = (p_BG + h_BH @ w.R_GH.T).chunk(4, dim=-1)
        i_BH = edit("i", torch.sigmoid(edit("a_i", a_i + w.p_i_H * c_BH)))
        f_BH = edit("f", torch.sigmoid(edit("a_f", a_f + w.p_f_H * c_BH)))
        g_BH = edit("g", torch.tanh(edit("a_g", a_g)))
        c_BH = edit("c", f_BH * c_BH + i_BH * g_BH)
        o_BH = edit("o", torch.sigmoid(edit("a_o", a_o + w.p_o_H * c_BH)))
        h_BH = edit("h", o_BH * torch.tanh(c_BH))
        return h_BH, (h_BH, c_BH)
