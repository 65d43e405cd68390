"""The sLSTM of the xLSTM: exponential gates, kept in range by a normaliser and a stabiliser."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Cell, Edit, State, Weights


class ForgetGate(str, Enum):
    """phi, the function of the forget gate. The paper leaves both open; its published code has sigmoid."""

    sigmoid = "sigmoid"
    exp = "exp"


class SLSTM(Cell):
    """Beck et al. 2024, "xLSTM: Extended long short-term memory" (arXiv 2405.04517), equations 8 to 17.

        z_t = tanh(W_z x_t + R_z h_(t-1) + b_z)           cell input
        a_i_t = W_i x_t + R_i h_(t-1) + b_i               log of the input gate
        a_f_t = W_f x_t + R_f h_(t-1) + b_f
        l_t = log(phi(a_f_t))                             log of the forget gate; phi = sigmoid, or exp
        m_t = max(l_t + m_(t-1), a_i_t)                   stabiliser
        i_t = exp(a_i_t - m_t)                            input gate, stabilised
        f_t = exp(l_t + m_(t-1) - m_t)                    forget gate, stabilised
        c_t = f_t * c_(t-1) + i_t * z_t                   memory
        n_t = f_t * n_(t-1) + i_t                         normaliser
        o_t = sigmoid(W_o x_t + R_o h_(t-1) + b_o)        output gate
        h_t = o_t * c_t / n_t                             output

    This is the stabilised form (equations 15 to 17). Without m the gates would be exp(a_i_t) and
    phi(a_f_t), and c and n larger by the factor exp(m_t): h is the same in both, and stays in (-1, 1).
    One of the two stabilised gates is always 1 and the other at most 1, so nothing overflows.
    The state starts at zero; the published code sets m_1 = a_i_1, which gives the same h.

    As in the published code R starts at zero, b_f falls as a power law over the units of each head,
    5 - 12 u^0.3 for u from 0 to 1, and the other biases are zero. That code starts W from N(0, 2 / (5 D));
    here it starts as ``input_start`` says. The normalisation of each head and the projections of an xLSTM
    block come after the cell and are not part of it.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """forget_gate: its function, sigmoid or exp.

        heads: R is made of so many blocks along its diagonal; units of different heads meet only in
        the next layer. It divides ``hidden_size``; 1 is a full R.
        """

        forget_gate: ForgetGate = ForgetGate.sigmoid
        heads: int = 1

        def __post_init__(self) -> None:
            Cell.Config.__post_init__(self)
            divides = self.heads >= 1 and self.hidden_size % self.heads == 0
            require(divides, "cell.heads", self.heads, f"it must divide cell.hidden_size = {self.hidden_size}")

    gates = ("z", "i", "f", "o")
    state_names = ("h", "c", "n", "m")
    bridged = ("h",)  # c is a sum whose weights n counts and m scales: the three belong together
    names = ("a_z", "z", "a_i", "a_f", "l", "m", "i", "f", "c", "n", "a_o", "o", "h")
    bounded = True
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H, K = self.hidden_size, self.hidden_size // config.heads
        self.W_GD = self.input_weights(4 * H)
        self.R_GK = nn.Parameter(torch.zeros(4 * H, K))
        self.b_G = nn.Parameter(torch.zeros(4 * H))
        with torch.no_grad():
            self.b_G[2 * H : 3 * H] = (5 - 12 * torch.linspace(0, 1, K) ** 0.3).repeat(config.heads)

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return 4 * H * (D + H // config.heads + 1)

    def weights(self) -> Weights:
        """R_GH with the blocks of ``R_GK`` on the diagonal of each gate, and zeros beside them."""
        heads, K = self.config.heads, self.R_GK.shape[1]
        own = torch.eye(heads, dtype=self.R_GK.dtype, device=self.R_GK.device)
        blocks = torch.einsum("gaik,ab->gaibk", self.R_GK.view(4, heads, K, K), own)
        return Weights(R_GH=blocks.reshape(4 * self.hidden_size, self.hidden_size))

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"phi": self.config.forget_gate.value}

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_GD, self.b_G)

    def log_phi(self, a_BH: Tensor) -> Tensor:
        """The log of the forget gate, without the overflow of taking it afterwards."""
        return nn.functional.logsigmoid(a_BH) if self.config.forget_gate is ForgetGate.sigmoid else a_BH

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        h_BH, c_BH, n_BH, m_BH = state
        a_z, a_i, a_f, a_o = (p_BG + h_BH @ w.R_GH.T).chunk(4, dim=-1)
        z_BH = edit("z", torch.tanh(edit("a_z", a_z)))
        a_i = edit("a_i", a_i)
        l_BH = edit("l", self.log_phi(edit("a_f", a_f)))
        before_BH, m_BH = m_BH, edit("m", torch.maximum(l_BH + m_BH, a_i))
        i_BH = edit("i", torch.exp(a_i - m_BH))
        f_BH = edit("f", torch.exp(l_BH + before_BH - m_BH))
        c_BH = edit("c", f_BH * c_BH + i_BH * z_BH)
        n_BH = edit("n", f_BH * n_BH + i_BH)
        o_BH = edit("o", torch.sigmoid(edit("a_o", a_o)))
        h_BH = edit("h", o_BH * c_BH / n_BH)
        return h_BH, (h_BH, c_BH, n_BH, m_BH)
