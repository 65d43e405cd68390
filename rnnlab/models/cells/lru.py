"""The linear recurrent unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Cell, Edit, InputStart, State, Weights
from rnnlab.models.recurrence import linear_recurrence


class LRU(Cell):
    """Orvieto et al. 2023, "Resurrecting recurrent neural networks for long sequences" (arXiv 2303.06349), section 3.

        lambda_re = exp(-exp(nu_log)) * cos(exp(theta_log))
        lambda_im = exp(-exp(nu_log)) * sin(exp(theta_log))
        x_re_t = lambda_re * x_re_(t-1) - lambda_im * x_im_(t-1) + exp(gamma_log) * (B_re x_t)
        x_im_t = lambda_re * x_im_(t-1) + lambda_im * x_re_(t-1) + exp(gamma_log) * (B_im x_t)
        h_t = C_re x_re_t - C_im x_im_t + D x_t

    In complex numbers: state = lambda * state + gamma * (B input), output = Re(C state) + D input. The
    input is the paper's u, x_t without an index here; the state is the paper's x, here x_re and x_im, H
    units each; the output h is the paper's y. |lambda| < 1 whatever is learned, so the state stays
    bounded. This is the recurrence alone: the normalisation, the gated MLP, and the skip connection of the
    paper's block around it are no part of the cell.

    Starts as published: lambda uniform on the ring r_min <= |lambda| <= r_max with a phase in
    [0, max_phase] (lemma 3.2), gamma = sqrt(1 - |lambda|^2) (section 3.4), the parts of B normal with
    variance 1/(2D) and those of C with variance 1/H. D is a matrix here, since the input may have another
    size than the output, and starts as ``input_start`` says.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """r_min, r_max: the ring in which |lambda| starts, near 1 for long memory.

        max_phase: the largest angle of lambda at the start, in radians; small for slow oscillations.
        """

        r_min: float = 0.0
        r_max: float = 1.0
        max_phase: float = 2 * math.pi

        def __post_init__(self) -> None:
            Cell.Config.__post_init__(self)
            require(0 <= self.r_min < 1, "cell.r_min", self.r_min, "it must be in [0, 1)")
            require(self.r_min < self.r_max <= 1, "cell.r_max", self.r_max, f"it must be in ({self.r_min}, 1]")
            require(0 < self.max_phase <= 2 * math.pi, "cell.max_phase", self.max_phase, "it must be in (0, 2 pi]")

    state_names = ("x_re", "x_im")
    names = ("x_re", "x_im", "h")
    step_weights = ("C_re_HH", "C_im_HH")
    bounded = True
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.nu_log_H, self.theta_log_H = ring(config, H)
        self.gamma_log_H = nn.Parameter(0.5 * torch.log(-torch.expm1(-2 * self.nu_log_H.detach().exp())))
        self.B_re_HD, self.B_im_HD = self.input_part(), self.input_part()
        self.C_re_HH = nn.Parameter(torch.randn(H, H) / math.sqrt(H))
        self.C_im_HH = nn.Parameter(torch.randn(H, H) / math.sqrt(H))
        self.D_HD = self.input_weights(H)

    def input_part(self) -> nn.Parameter:
        """The real or the imaginary part of B."""
        if self.config.input_start is InputStart.fan_in:  # two parts with half of the variance each
            return nn.Parameter(torch.randn(self.hidden_size, self.input_size) / math.sqrt(2 * self.input_size))
        return self.input_weights(self.hidden_size)

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return H * (3 * D + 2 * H + 3)

    def weights(self) -> Weights:
        size_H, phase_H = torch.exp(-self.nu_log_H.exp()), self.theta_log_H.exp()
        derived = {"lambda_re_H": size_H * phase_H.cos(), "lambda_im_H": size_H * phase_H.sin()}
        return Weights(**vars(super().weights()), **derived)

    def project(self, x_BTD: Tensor) -> Tensor:
        gamma_H1 = self.gamma_log_H.exp()[:, None]
        return nn.functional.linear(x_BTD, torch.cat([gamma_H1 * self.B_re_HD, gamma_H1 * self.B_im_HD, self.D_HD]))

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        re_BH, im_BH = state
        p_re, p_im, p_D = p_BG.chunk(3, dim=-1)
        x_re_BH = edit("x_re", w.lambda_re_H * re_BH - w.lambda_im_H * im_BH + p_re)
        x_im_BH = edit("x_im", w.lambda_re_H * im_BH + w.lambda_im_H * re_BH + p_im)
        h_BH = edit("h", x_re_BH @ w.C_re_HH.T - x_im_BH @ w.C_im_HH.T + p_D)
        return h_BH, (x_re_BH, x_im_BH)

    has_scan = True

    def scan(self, x_BTD: Tensor, state: State, w: Weights) -> tuple[Tensor, State]:
        p_re, p_im, p_D = self.project(x_BTD).to(state[0].dtype).chunk(3, dim=-1)  # there is no complex bfloat16
        lambda_BTH = torch.complex(w.lambda_re_H, w.lambda_im_H).expand(p_re.shape)
        x_BTH = linear_recurrence(lambda_BTH, torch.complex(p_re, p_im), torch.complex(*state))
        y_BTH = torch.cat([x_BTH.real, x_BTH.imag], dim=-1) @ torch.cat([w.C_re_HH, -w.C_im_HH], dim=1).T + p_D
        return y_BTH, (x_BTH[:, -1].real, x_BTH[:, -1].imag)


def ring(config: LRU.Config, units: int) -> tuple[nn.Parameter, nn.Parameter]:
    """nu_log and theta_log of lambda = exp(-exp(nu_log) + i exp(theta_log)), uniform in area on the ring."""
    # Neither end of (0, 1), where a logarithm is infinite.
    area, turn = torch.rand(2, units).clamp(1e-6, 1 - 1e-6)
    square = area * (config.r_max**2 - config.r_min**2) + config.r_min**2
    return nn.Parameter(torch.log(-0.5 * torch.log(square))), nn.Parameter(torch.log(config.max_phase * turn))
