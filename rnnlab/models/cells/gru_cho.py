"""The gated recurrent unit as it was published, with the reset before the product."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Cell, Edit, State, Weights
from rnnlab.models.cells.gated import Gated


class GRUCho(Gated):
    """Cho et al. 2014, "Learning phrase representations using RNN encoder-decoder" (arXiv 1406.1078), eq. 5-8.

        r_t = sigmoid(W_r x_t + R_r h_(t-1) + b_r)            reset gate
        z_t = sigmoid(W_z x_t + R_z h_(t-1) + b_z)            update gate
        n_t = tanh   (W_n x_t + R_n (r_t * h_(t-1)) + b_n)    candidate
        h_t = z_t * h_(t-1) + (1 - z_t) * n_t

    The reset gate acts on the state, before the product; ``gru`` applies it to the product, as cuDNN does.
    z = 1 keeps the state, as in the paper's equation 7; Chung et al. 2014 (arXiv 1412.3555) write the
    complement. The recurrent matrices start orthogonal, as in the paper; its weights on the input, of
    standard deviation 0.01, do not suit every size and start as ``input_start`` says.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """bias: whether there are b_r, b_z, b_n, which the paper leaves out of its equations."""

        bias: bool = True

    gates = ("r", "z", "n")
    names = ("a_r", "r", "a_z", "z", "a_n", "n", "h")
    bounded = True
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        for block_HH in self.R_GH.chunk(3):
            nn.init.orthogonal_(block_HH)
        if not config.bias:
            self.register_parameter("b_G", None)

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        biases = 3 * config.hidden_size
        return super().parameter_count(config, input_size) - (0 if config.bias else biases)

    def weights(self) -> Weights:
        R_rz_2HH, R_n_HH = self.R_GH.split([2 * self.hidden_size, self.hidden_size])
        return Weights(R_rz_2HH=R_rz_2HH, R_n_HH=R_n_HH)

    def symbols(self) -> dict[str, Any]:
        without = {} if self.config.bias else {"b_r": 0.0, "b_z": 0.0, "b_n": 0.0}
        return super().symbols() | without

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        H = h_BH.shape[-1]
        p_rz, p_n = p_BG.split([2 * H, H], dim=-1)
        a_r, a_z = (p_rz + h_BH @ w.R_rz_2HH.T).chunk(2, dim=-1)
        r_BH = edit("r", torch.sigmoid(edit("a_r", a_r)))
        z_BH = edit("z", torch.sigmoid(edit("a_z", a_z)))
        n_BH = edit("n", torch.tanh(edit("a_n", p_n + (r_BH * h_BH) @ w.R_n_HH.T)))
        h_BH = edit("h", z_BH * h_BH + (1 - z_BH) * n_BH)
        return h_BH, (h_BH,)
