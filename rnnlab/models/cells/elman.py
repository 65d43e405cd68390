"""The vanilla recurrent network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Cell, Edit, State, Weights, uniform_parameter


class Nonlinearity(str, Enum):
    """phi, the function around the recurrent sum."""

    tanh = "tanh"
    relu = "relu"


class RecurrentStart(str, Enum):
    """How W_h starts. Wherever it is not uniform, b = 0.

    uniform: U(-1/sqrt(H), 1/sqrt(H)) as in torch.nn.
    identity: the identity times ``identity_scale`` (Le 2015).
    orthogonal: a random orthogonal matrix (Saxe 2014, Henaff 2016).
    positive_definite: (I + R'R / H) with R from N(0, 1), over its largest eigenvalue (Talathi 2016).
    """

    uniform = "uniform"
    identity = "identity"
    orthogonal = "orthogonal"
    positive_definite = "positive_definite"


class Elman(Cell):
    """Elman 1990, "Finding structure in time" (Cognitive Science 14), in the form of torch.nn.RNN.

        h_t = phi(W_x x_t + W_h h_(t-1) + b)          phi = tanh, or ReLU

    ``nonlinearity=relu recurrent_start=identity`` is the IRNN of Le, Jaitly & Hinton 2015
    (arXiv 1504.00941): W_h = I, b = 0; with ``recurrent_start=positive_definite`` it is the np-RNN of
    Talathi & Vartak 2016 (arXiv 1511.03771).
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """nonlinearity: phi. recurrent_start: how W_h starts. identity_scale: the factor on the identity,
        where W_h starts as one."""

        nonlinearity: Nonlinearity = Nonlinearity.tanh
        recurrent_start: RecurrentStart = RecurrentStart.uniform
        identity_scale: float = 1.0

    names = ("a", "h")
    step_weights = ("W_h_HH",)
    config: Config
    zero_H: Tensor

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_x_HD = self.input_weights(H)
        self.W_h_HH = uniform_parameter(H, H, hidden_size=H)
        self.b_H = uniform_parameter(H, hidden_size=H)
        if config.recurrent_start is not RecurrentStart.uniform:
            with torch.no_grad():
                self.W_h_HH.copy_(recurrent_start(config, H))
                self.b_H.zero_()
        self.register_buffer("zero_H", torch.zeros(H), persistent=False)

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return H * (D + H + 1)

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"phi": self.config.nonlinearity.value}

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_x_HD, self.b_H)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        phi = torch.tanh if self.config.nonlinearity is Nonlinearity.tanh else torch.relu
        (h_BH,) = state
        a_BH = edit("a", p_BG + h_BH @ w.W_h_HH.T)
        h_BH = edit("h", phi(a_BH))
        return h_BH, (h_BH,)

    has_native = True

    def native(self, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        kernel = torch.rnn_tanh if self.config.nonlinearity is Nonlinearity.tanh else torch.rnn_relu
        weights = (self.W_x_HD, w.W_h_HH, self.b_H, self.zero_H)
        y_BTH, h_1BH = kernel(x_BTD, state[0][None], weights, True, 1, 0.0, self.training, False, True)
        return y_BTH, (h_1BH[0],)


def recurrent_start(config: Elman.Config, H: int) -> Tensor:
    """W_h, (H, H), as it starts where it is not uniform."""
    if config.recurrent_start is RecurrentStart.identity:
        return config.identity_scale * torch.eye(H)
    if config.recurrent_start is RecurrentStart.orthogonal:
        return nn.init.orthogonal_(torch.empty(H, H))
    R_HH = torch.randn(H, H)
    grown_HH = torch.eye(H) + R_HH.T @ R_HH / H
    return grown_HH / torch.linalg.eigvalsh(grown_HH)[-1]
