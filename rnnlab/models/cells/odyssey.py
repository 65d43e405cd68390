"""What the cells of "LSTM: A search space odyssey" share: their weights, and how these start.

Shapes: B batch, T time, D input features, H hidden units, G gates (all pre-activations side by side).
"""

from __future__ import annotations

from abc import ABC
from dataclasses import dataclass
from typing import ClassVar

from torch import Tensor, nn

from rnnlab.models.cells.base import InputStart, normal_parameter
from rnnlab.models.cells.forget_gate import ForgetGateCell


class Odyssey(ForgetGateCell, ABC):
    """Greff et al. 2017, "LSTM: A search space odyssey" (arXiv 1503.04069), the vanilla LSTM and its variants.

    A subclass lists in ``gates`` the letters that it has W, R and b for, and in ``step_weights`` its
    peepholes p_i, p_f, p_o: vectors, so that a gate sees the memory of its own unit only. The paper
    calls the block input z and the output y; here they are g and h as in the other cells.

    All weights start from N(0, 0.1^2) as in the paper; the biases as in our LSTM.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(ForgetGateCell.Config):
        """input_start: how the weights on the input start, here as in the paper unless said otherwise."""

        input_start: InputStart = InputStart.normal

    gates: ClassVar[tuple[str, ...]] = ("i", "f", "g", "o")
    state_names: ClassVar[tuple[str, ...]] = ("h", "c")
    step_weights: ClassVar[tuple[str, ...]] = ("R_GH", "p_i_H", "p_f_H", "p_o_H")

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        H = self.hidden_size
        self.W_GD = self.input_weights(len(self.gates) * H)
        self.R_GH = normal_parameter(len(self.gates) * H, H)
        self.b_G = self.starting_biases()
        for name in self.peepholes():
            self.register_parameter(name, normal_parameter(H))

    @classmethod
    def peepholes(cls) -> list[str]:
        """The names of the peephole vectors: ``p_i_H``, ..."""
        return [name for name in cls.step_weights if name.startswith("p_")]

    @classmethod
    def parameter_count(cls, config: Config, input_size: int) -> int:
        H, D = config.hidden_size, input_size
        return len(cls.gates) * H * (D + H + 1) + len(cls.peepholes()) * H

    def project(self, x_BTD: Tensor) -> Tensor:
        return nn.functional.linear(x_BTD, self.W_GD, self.b_G)
