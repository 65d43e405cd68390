"""The minimal gated recurrent unit."""

from __future__ import annotations

import torch
from torch import Tensor

from rnnlab.models.cells.base import Edit, Weights
from rnnlab.models.cells.minimal import Minimal


class MinGRU(Minimal):
    """Feng et al. 2024, "Were RNNs all we needed?" (arXiv 2410.01201), section 3.1 and appendix B.

        a_z_t = W_z x_t + b_z
        z_t = sigmoid(a_z_t)                      update gate
        a_n_t = W_n x_t + b_n
        n_t = g(a_n_t)                            candidate: g(a) = a, or positive
        h_t = (1 - z_t) * h_(t-1) + z_t * n_t

    The GRU without its reset gate and without the state in its gates, so that all steps are computed in
    parallel. n is the paper's h with a tilde. Here z opens to the candidate; in torch.nn.GRU it keeps the
    state. The paper scans the positive form in logarithms, to stay clear of a division; the scan here has
    none, computes both forms as they stand, and starts from h = 0, where the paper has g(0) = 0.5 in the
    positive one. Weights start as ``input_start`` says (paper: torch's U(-1/sqrt(D), 1/sqrt(D))), biases as 0.
    """

    gates = ("z", "n")
    names = ("a_z", "z", "a_n", "n", "h")

    def coefficients(self, p: Tensor, w: Weights, edit: Edit) -> tuple[Tensor, Tensor]:
        a_z, a_n = p.chunk(2, dim=-1)
        z = edit("z", torch.sigmoid(edit("a_z", a_z)))
        n = edit("n", self.candidate(edit("a_n", a_n)))
        return 1 - z, z * n
