"""The antisymmetric recurrent network with a gate on its step."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.models.cells.antisymmetric import Antisymmetric
from rnnlab.models.cells.base import Edit, State, Weights


class GatedAntisymmetric(Antisymmetric):
    """Chang et al. 2019, "AntisymmetricRNN: a dynamical system view" (arXiv 1902.09689), the gated form.

        M = A - A' - gamma * I
        z_t = sigmoid(M h_(t-1) + V_z x_t + b_z)          gate
        n_t = tanh   (M h_(t-1) + V_h x_t + b_h)
        h_t = h_(t-1) + epsilon * z_t * n_t

    Gate and step share one recurrent matrix, so that the spectrum stays near the imaginary axis.
    Settings and initialisation are those of ``antisymmetric``.
    """

    gates = ("z", "h")
    names = ("a_z", "z", "a_h", "n", "h")

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        p_z, p_h = p_BG.chunk(2, dim=-1)
        m_BH = h_BH @ w.M_HH.T
        z_BH = edit("z", torch.sigmoid(edit("a_z", p_z + m_BH)))
        n_BH = edit("n", torch.tanh(edit("a_h", p_h + m_BH)))
        h_BH = edit("h", h_BH + self.config.epsilon * z_BH * n_BH)
        return h_BH, (h_BH,)
