"""The minimal long short-term memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from rnnlab.models.cells.base import Edit, Weights
from rnnlab.models.cells.minimal import Minimal


class MinLSTM(Minimal):
    """Feng et al. 2024, "Were RNNs all we needed?" (arXiv 2410.01201), section 3.2 and appendix B.

        a_f_t = W_f x_t + b_f
        f_t = sigmoid(a_f_t)                                      forget gate
        a_i_t = W_i x_t + b_i
        i_t = sigmoid(a_i_t)                                      input gate
        a_n_t = W_n x_t + b_n
        n_t = g(a_n_t)                                            candidate: g(a) = a, or positive
        s_t = normalised * (f_t + i_t) + (1 - normalised)         what the gates are divided by
        h_t = f_t / s_t * h_(t-1) + i_t / s_t * n_t

    The LSTM without output gate, without the state in its gates, and with c = h, so that all steps are
    computed in parallel. n is the paper's h with a tilde. The paper's final form divides both gates by
    their sum, so that the scale of the state does not depend on the length (section 3.2.3): normalised = 1,
    the default. ``normalised=false`` is its form before that; there a state can grow with the length.
    The scan takes no logarithms, and starts from h = 0 in both forms. Weights start as ``input_start``
    says (paper: torch's U(-1/sqrt(D), 1/sqrt(D))), biases as 0 but for ``forget_bias``.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(Minimal.Config):
        """normalised: whether f and i are divided by their sum.

        forget_bias: b_f at the start; above 0 the paper's appendix finds training faster.
        """

        normalised: bool = True
        forget_bias: float = 0.0

    gates = ("f", "i", "n")
    names = ("a_f", "f", "a_i", "i", "a_n", "n", "h")
    config: Config

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        with torch.no_grad():
            self.b_G[: self.hidden_size] = config.forget_bias

    def symbols(self) -> dict[str, Any]:
        return super().symbols() | {"normalised": float(self.config.normalised)}

    def coefficients(self, p: Tensor, w: Weights, edit: Edit) -> tuple[Tensor, Tensor]:
        a_f, a_i, a_n = p.chunk(3, dim=-1)
        f = edit("f", torch.sigmoid(edit("a_f", a_f)))
        i = edit("i", torch.sigmoid(edit("a_i", a_i)))
        n = edit("n", self.candidate(edit("a_n", a_n)))
        if not self.config.normalised:
            return f, i * n
        s = f + i
        return f / s, i / s * n
