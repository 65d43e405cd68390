"""The minimal gated unit."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.models.cells.base import Edit, State, Weights
from rnnlab.models.cells.gated import Gated


class MGU(Gated):
    """Zhou et al. 2016, "Minimal gated unit for recurrent neural networks" (arXiv 1603.09420).

        f_t = sigmoid(W_f x_t + R_f h_(t-1) + b_f)            forget gate
        n_t = tanh   (W_n x_t + R_n (f_t * h_(t-1)) + b_n)    candidate
        h_t = (1 - f_t) * h_(t-1) + f_t * n_t

    A GRU of Cho's form whose one gate both resets and updates. f = 0 keeps the state, whatever its name
    says. The paper writes one matrix over h_(t-1) and x_t side by side, and ~h for n.
    """

    gates = ("f", "n")
    names = ("a_f", "f", "a_n", "n", "h")
    bounded = True

    def weights(self) -> Weights:
        R_f_HH, R_n_HH = self.R_GH.chunk(2)
        return Weights(R_f_HH=R_f_HH, R_n_HH=R_n_HH)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        p_f, p_n = p_BG.chunk(2, dim=-1)
        f_BH = edit("f", torch.sigmoid(edit("a_f", p_f + h_BH @ w.R_f_HH.T)))
        n_BH = edit("n", torch.tanh(edit("a_n", p_n + (f_BH * h_BH) @ w.R_n_HH.T)))
        h_BH = edit("h", (1 - f_BH) * h_BH + f_BH * n_BH)
        return h_BH, (h_BH,)
