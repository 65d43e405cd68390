"""The recurrent network whose recurrent matrix is orthogonal at every step of training."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum

import torch
from torch import Tensor, nn

from rnnlab.models.cells.base import Cell, Edit, State, Weights
from rnnlab.models.cells.skew import Skew


class SkewStart(str, Enum):
    """How the rotations by s start, in the planes of units 1 and 2, 3 and 4, and so on.

    cayley: s = -sqrt((1 - cos t) / (1 + cos t)) with t from U(0, pi/2) (Helfrich 2018).
    henaff: s from U(-pi, pi) (Henaff 2016).
    """

    cayley = "cayley"
    henaff = "henaff"


class ExpRNN(Skew):
    """Lezcano-Casado & Martinez-Rubio 2019, "Cheap orthogonal constraints in neural networks" (arXiv 1901.08428).

        Q = expm(A - A')
        a_t = W x_t + Q h_(t-1)
        h_t = sign(a_t) * relu(abs(a_t) + b)          modReLU

    A has numbers above its diagonal only, so A - A' is any skew-symmetric matrix and Q any rotation:
    |Q h| = |h|, and the state grows at most linearly with time. modReLU (Arjovsky 2016) keeps the sign
    and moves the size by b, which starts as U(-0.01, 0.01) in the authors' code.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """skew_start: how A starts."""

        skew_start: SkewStart = SkewStart.cayley

    names = ("a", "h")
    bounded = True

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_HD = self.input_weights(H)
        self.b_H = nn.Parameter(torch.empty(H).uniform_(-0.01, 0.01))
        s = rotations(config.skew_start, H // 2)
        A_HH = torch.zeros(H, H)
        A_HH[range(0, H - 1, 2), range(1, H, 2)] = s
        with torch.no_grad():
            self.A_N.copy_(A_HH.flatten()[self.above_N])

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return cls.above_count(H) + H * (D + 1)

    def weights(self) -> Weights:
        return Weights(Q_HH=torch.linalg.matrix_exp(self.skew()), b_H=self.b_H)

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_HD)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        (h_BH,) = state
        a_BH = edit("a", p_BG + h_BH @ w.Q_HH.T)
        h_BH = edit("h", torch.sign(a_BH) * torch.relu(a_BH.abs() + w.b_H))
        return h_BH, (h_BH,)


def rotations(start: SkewStart, count: int) -> Tensor:
    """The s of ``count`` planes."""
    if start is SkewStart.henaff:
        return torch.empty(count).uniform_(-math.pi, math.pi)
    cosine = torch.empty(count).uniform_(0, math.pi / 2).cos()
    return -((1 - cosine) / (1 + cosine)).sqrt()
