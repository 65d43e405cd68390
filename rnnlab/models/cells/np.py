"""The LSTM of the Odyssey without peepholes."""

from __future__ import annotations

from dataclasses import dataclass

from rnnlab.models.cells.base import InputStart, normal_parameter
from rnnlab.models.cells.lstm import LSTM


class NP(LSTM):
    """Greff et al. 2017, "LSTM: A search space odyssey" (arXiv 1503.04069), variant NP (no peepholes).

        i_t = sigmoid(W_i x_t + R_i h_(t-1) + b_i)      input gate
        f_t = sigmoid(W_f x_t + R_f h_(t-1) + b_f)      forget gate
        g_t = tanh(W_g x_t + R_g h_(t-1) + b_g)         block input
        o_t = sigmoid(W_o x_t + R_o h_(t-1) + b_o)      output gate
        c_t = f_t * c_(t-1) + i_t * g_t                 memory
        h_t = o_t * tanh(c_t)                           output

    These are the equations of LSTM: this is one, whose weights start from N(0, 0.1^2) as those of the
    other variants do.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(LSTM.Config):
        """input_start: how the weights on the input start, here as in the paper unless said otherwise."""

        input_start: InputStart = InputStart.normal

    def __init__(self, config: Config, input_size: int) -> None:
        super().__init__(config, input_size)
        self.R_GH = normal_parameter(*self.R_GH.shape)
