"""The real-gated linear recurrent unit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Cell, Edit, Weights, fan_in_uniform
from rnnlab.models.cells.diagonal import Diagonal


class RGLRU(Diagonal):
    """De et al. 2024, "Griffin" (arXiv 2402.19427), section 2.4, eq. 1 to 4, after the block's linear layer.

        u_t = W x_t + b                                                 linear layer
        a_r_t = R_r u_t + b_r
        r_t = sigmoid(a_r_t)                                            recurrence gate
        a_i_t = R_i u_t + b_i
        i_t = sigmoid(a_i_t)                                            input gate
        a_t = exp(c * r_t * log_sigmoid(Lambda))                        decay
        h_t = a_t * h_(t-1) + sqrt(1 - a_t^2) * (i_t * u_t)

    The decay is sigmoid(Lambda)^(c r), computed by its logarithm as in the paper's appendix A, with c = 8.
    The recurrence multiplies gates and input unit by unit, so the input needs H features: u is the linear
    layer that the paper's block has there; its short convolution, its gated branch, and the MLP are no part
    of the cell. u is the paper's x, R_r and R_i are its W_a and W_x, full matrices where the
    released models have blocks on the diagonal. R starts with variance 1/H, biases as 0, and Lambda so that
    sigmoid(Lambda)^c is uniform in [decay_min, decay_max].
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """decay_min, decay_max: the range in which the smallest decay of a step, sigmoid(Lambda)^c, starts."""

        decay_min: float = 0.9
        decay_max: float = 0.999

        def __post_init__(self) -> None:
            Cell.Config.__post_init__(self)
            require(0 < self.decay_min < 1, "cell.decay_min", self.decay_min, "it must be in (0, 1)")
            possible = f"it must be in [{self.decay_min}, 1)"
            require(self.decay_min <= self.decay_max < 1, "cell.decay_max", self.decay_max, possible)

    gates = ("r", "i")
    names = ("a_r", "r", "a_i", "i", "a", "h")
    bounded = True
    config: Config
    c = 8.0

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_HD = self.input_weights(H)
        self.b_H = nn.Parameter(torch.zeros(H))
        self.R_GH = nn.Parameter(fan_in_uniform(torch.empty(2 * H, H)))
        self.b_G = nn.Parameter(torch.zeros(2 * H))
        decay_H = torch.empty(H).uniform_(config.decay_min, config.decay_max)
        self.Lambda_H = nn.Parameter(torch.logit(decay_H ** (1 / self.c)))

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return H * (D + 1) + 2 * H * (H + 1) + H

    def weights(self) -> Weights:
        return Weights(log_decay_H=self.c * nn.functional.logsigmoid(self.Lambda_H))

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"c": self.c}

    def project(self, x_BTD: Tensor) -> Tensor:
        u_BTH = nn.functional.linear(x_BTD, self.W_HD, self.b_H)
        return torch.cat([nn.functional.linear(u_BTH, self.R_GH, self.b_G), u_BTH], dim=-1)

    def coefficients(self, p: Tensor, w: Weights, edit: Edit) -> tuple[Tensor, Tensor]:
        a_r, a_i, u = p.chunk(3, dim=-1)
        r = edit("r", torch.sigmoid(edit("a_r", a_r)))
        i = edit("i", torch.sigmoid(edit("a_i", a_i)))
        a = edit("a", torch.exp(w.log_decay_H * r))
        # Where a rounds to 1, the root would have an infinite derivative: there it counts as constant.
        return a, torch.sqrt((1 - a * a).clamp(min=1e-12)) * (i * u)
