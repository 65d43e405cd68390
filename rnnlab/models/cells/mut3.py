"""The third of three cells that a search over ten thousand mutations found."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.models.cells.base import Edit, State, Weights
from rnnlab.models.cells.gated import Gated


class MUT3(Gated):
    """Jozefowicz, Zaremba & Sutskever 2015, "An empirical exploration of recurrent network architectures".

        z_t = sigmoid(W_z x_t + R_z tanh(h_(t-1)) + b_z)          update gate
        r_t = sigmoid(W_r x_t + R_r h_(t-1) + b_r)                reset gate
        n_t = tanh   (R_n (r_t * h_(t-1)) + W_n x_t + b_n)        candidate
        h_t = n_t * z_t + h_(t-1) * (1 - z_t)

    ``gru_cho`` with 1 - z for z, and with a tanh around the state that the update gate sees. Weights
    start as in ``mut1``.
    """

    gates = ("z", "r", "n")
    names = ("a_z", "z", "a_r", "r", "a_n", "n", "h")
    bounded = True

    def weights(self) -> Weights:
        R_z_HH, R_r_HH, R_n_HH = self.R_GH.chunk(3)
        return Weights(R_z_HH=R_z_HH, R_r_HH=R_r_HH, R_n_HH=R_n_HH)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        p_z, p_r, p_n = p_BG.chunk(3, dim=-1)
        z_BH = edit("z", torch.sigmoid(edit("a_z", p_z + torch.tanh(h_BH) @ w.R_z_HH.T)))
        r_BH = edit("r", torch.sigmoid(edit("a_r", p_r + h_BH @ w.R_r_HH.T)))
        n_BH = edit("n", torch.tanh(edit("a_n", p_n + (r_BH * h_BH) @ w.R_n_HH.T)))
        h_BH = edit("h", n_BH * z_BH + h_BH * (1 - z_BH))
        return h_BH, (h_BH,)
