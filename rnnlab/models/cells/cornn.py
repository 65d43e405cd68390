"""The coupled oscillatory recurrent network."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.config.schema import require
from rnnlab.models.cells.base import Cell, Edit, State, Weights, uniform_parameter


class Damping(str, Enum):
    """Which velocity the damping acts on: the one before the step, as in the authors' code, or the new one."""

    explicit = "explicit"
    implicit = "implicit"


class CoRNN(Cell):
    """Rusch & Mishra 2021, "Coupled oscillatory recurrent neural network" (arXiv 2010.00951), eq. 3.

        u_t = tanh(W_y y_(t-1) + W_z z_(t-1) + V x_t + b)            force
        z_t = alpha * z_(t-1) + beta * (u_t - gamma * y_(t-1))       velocity
        y_t = y_(t-1) + dt * z_t                                     position
        h_t = y_t

    A step dt of y'' = u - gamma y - epsilon y' for each unit. Both forms of the paper: with explicit
    damping alpha = 1 - dt epsilon and beta = dt; with implicit damping both alpha = 1 and beta = dt are
    divided by 1 + dt epsilon. Where dt <= (2 epsilon - 1) / (gamma + epsilon^2), the state obeys
    gamma |y_t|^2 + |z_t|^2 <= H t dt from zeros on. Defaults are the paper's for sequential MNIST; W and b
    start as U(-s, s) with s = 1/sqrt(D + 2H), one linear map over x, y and z in the authors' code.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Cell.Config):
        """dt: the step. gamma: the square of a unit's frequency. epsilon: the damping. damping: of which velocity."""

        dt: float = 0.042
        gamma: float = 2.7
        epsilon: float = 4.7
        damping: Damping = Damping.explicit

        def __post_init__(self) -> None:
            Cell.Config.__post_init__(self)
            require(0 < self.dt <= 1, "cell.dt", self.dt, "it must be in (0, 1]")
            require(self.gamma > 0, "cell.gamma", self.gamma, "it must be above 0")
            require(self.epsilon > 0, "cell.epsilon", self.epsilon, "it must be above 0")

    state_names = ("y", "z")
    names = ("a", "u", "z", "y", "h")
    bounded = True
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H, inputs = self.hidden_size, input_size + 2 * self.hidden_size
        self.V_HD = self.input_weights(H)
        self.W_y_HH = uniform_parameter(H, H, hidden_size=inputs)
        self.W_z_HH = uniform_parameter(H, H, hidden_size=inputs)
        self.b_H = uniform_parameter(H, hidden_size=inputs)
        damped = config.dt * config.epsilon
        explicit = config.damping is Damping.explicit
        self.alpha = 1 - damped if explicit else 1 / (1 + damped)
        self.beta = config.dt if explicit else config.dt / (1 + damped)

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return H * (D + 2 * H + 1)

    def weights(self) -> Weights:
        return Weights(W_yz_H2H=torch.cat([self.W_y_HH, self.W_z_HH], dim=1))

    def symbols(self) -> dict[str, Any]:
        numbers = {"alpha": self.alpha, "beta": self.beta, "gamma": self.config.gamma, "dt": self.config.dt}
        return super().symbols() | numbers

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.V_HD, self.b_H)

    def step(self, p_BG: Tensor, state: State, w: Weights, edit: Edit) -> tuple[Tensor, State]:
        y_BH, z_BH = state
        a_BH = edit("a", p_BG + torch.cat([y_BH, z_BH], dim=-1) @ w.W_yz_H2H.T)
        u_BH = edit("u", torch.tanh(a_BH))
        z_BH = edit("z", self.alpha * z_BH + self.beta * (u_BH - self.config.gamma * y_BH))
        y_BH = edit("y", y_BH + self.config.dt * z_BH)
        return edit("h", y_BH), (y_BH, z_BH)
