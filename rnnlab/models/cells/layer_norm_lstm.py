"""The LSTM with layer normalisation of its sums and of what its output sees of the memory."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import layer_norm

from rnnlab.models.cells.base import Edit, State, Weights, uniform_parameter
from rnnlab.models.cells.forget_gate import ForgetGateCell


class LayerNormLSTM(ForgetGateCell):
    """Ba, Kiros & Hinton 2016, "Layer normalization" (arXiv 1607.06450), equations 20 to 22 of the supplement.

        s_t = alpha_x * norm(W x_t) + alpha_h * norm(R h_(t-1)) + b    all sums: i, f, g, o one below the other
        i_t = sigmoid(S_i s_t)                     input gate; S_i selects the H rows of i
        f_t = sigmoid(S_f s_t)                     forget gate
        g_t = tanh(S_g s_t)                        candidate
        o_t = sigmoid(S_o s_t)                     output gate
        c_t = f_t * c_(t-1) + i_t * g_t            memory
        u_t = alpha_c * norm(c_t) + beta_c         the memory as the output sees it
        h_t = o_t * tanh(u_t)                      output

    As in the paper each product is normalised over all four blocks of H together; an LSTM that does so
    for each gate by itself is another one. The paper adds the biases of both normalisations and b; only
    their sum matters, so b is the one kept. Gains alpha start at one, biases at zero (the supplement
    prints the two the other way round), b_f and the weights as in LSTM. Under each root stands the usual
    1e-5 that the paper does not print.
    """

    gates = ("i", "f", "g", "o")
    state_names = ("h", "c")
    names = ("a_i", "i", "a_f", "f", "a_g", "g", "a_o", "o", "c", "u", "h")
    step_weights = ("R_GH", "alpha_h_G", "alpha_c_H", "beta_c_H")

    def __init__(self, config: ForgetGateCell.Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_GD = self.input_weights(4 * H)
        self.R_GH = uniform_parameter(4 * H, H, hidden_size=H)
        self.b_G = self.starting_biases()
        self.alpha_x_G = nn.Parameter(torch.ones(4 * H))
        self.alpha_h_G = nn.Parameter(torch.ones(4 * H))
        self.alpha_c_H = nn.Parameter(torch.ones(H))
        self.beta_c_H = nn.Parameter(torch.zeros(H))

    @classmethod
    def parameter_count(cls, config: ForgetGateCell.Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return 4 * H * (D + H + 3) + 2 * H

    def symbols(self) -> dict[str, Any]:
        whole = {"W": self.W_GD, "R": self.R_GH, "b": self.b_G, "alpha_x": self.alpha_x_G, "alpha_h": self.alpha_h_G}
        selectors = torch.eye(4 * self.hidden_size, dtype=self.b_G.dtype, device=self.b_G.device).chunk(4)
        return super().symbols() | whole | {f"S_{gate}": S for gate, S in zip(self.gates, selectors, strict=True)}

    def project(self, x_BTD: Tensor) -> Tensor:
        return layer_norm(x_BTD @ self.W_GD.T, self.b_G.shape, self.alpha_x_G, self.b_G)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH, c_BH = state
        s_BG = p_BG + layer_norm(h_BH @ w.R_GH.T, w.alpha_h_G.shape, w.alpha_h_G)
        a_i, a_f, a_g, a_o = s_BG.chunk(4, dim=-1)
        i_BH = edit("i", torch.sigmoid(edit("a_i", a_i)))
        f_BH = edit("f", torch.sigmoid(edit("a_f", a_f)))
        g_BH = edit("g", torch.tanh(edit("a_g", a_g)))
        o_BH = edit("o", torch.sigmoid(edit("a_o", a_o)))
        c_BH = edit("c", f_BH * c_BH + i_BH * g_BH)
        u_BH = edit("u", layer_norm(c_BH, w.alpha_c_H.shape, w.alpha_c_H, w.beta_c_H))
        h_BH = edit("h", o_BH * torch.tanh(u_BH))
        return h_BH, (h_BH, c_BH)
