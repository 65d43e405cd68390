"""The LSTM with a forget gate and no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Edit, State, Weights, uniform_parameter
from rnnlab.models.cells.forget_gate import ForgetGateCell


class JANET(ForgetGateCell):
    """Van der Westhuizen & Lasenby 2018, "The unreasonable effectiveness of the forget gate" (arXiv 1804.04849).

        s_t = W_f x_t + R_f h_(t-1) + b_f
        f_t = sigmoid(s_t)                                               forget gate
        g_t = tanh(W_g x_t + R_g h_(t-1) + b_g)                          candidate
        h_t = f_t * h_(t-1) + (1 - sigmoid(s_t - beta)) * g_t            memory and output

    The memory c_t of the paper is its output h_t. With beta > 0 more is written than is forgotten, so h
    may leave [-1, 1], yet never [-exp(beta), exp(beta)]. The forget gate's bias starts by chrono
    initialisation; the weights as in LSTM, where the published code has Glorot's uniform distribution.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ForgetGateCell.Config):
        """beta: by how much the input lags behind the forget gate, 1 in the paper.

        chrono_steps: as in LSTM; 784 are the pixels of the paper's MNIST. Null: b_f = ``forget_bias``.
        """

        beta: float = 1.0
        chrono_steps: int | None = 784

        def __post_init__(self) -> None:
            ForgetGateCell.Config.__post_init__(self)
            require(self.beta >= 0, "cell.beta", self.beta, "it must be at least 0")

    gates = ("f", "g")
    names = ("s", "f", "a_g", "g", "h")
    step_weights = ("R_GH",)
    bounded = True
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_GD = self.input_weights(2 * H)
        self.R_GH = uniform_parameter(2 * H, H, hidden_size=H)
        self.b_G = self.starting_biases()

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return 2 * H * (D + H + 1)

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"beta": self.config.beta}

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_GD, self.b_G)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        s_BH, a_g = (p_BG + h_BH @ w.R_GH.T).chunk(2, dim=-1)
        s_BH = edit("s", s_BH)
        f_BH = edit("f", torch.sigmoid(s_BH))
        g_BH = edit("g", torch.tanh(edit("a_g", a_g)))
        h_BH = edit("h", f_BH * h_BH + (1 - torch.sigmoid(s_BH - self.config.beta)) * g_BH)
        return h_BH, (h_BH,)
