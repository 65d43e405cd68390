"""Classifiers as TensorFlow-Examples builds them, and what reads, starts and measures them.

Shapes: B batch, T time, D input features, H hidden units, V classes.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from rnnlab.data.contents import Sequences
from rnnlab.data.windows import SequenceBatches
from rnnlab.models.cells.lstm import LSTM
from rnnlab.models.tasks.classification import Classification
from rnnlab.statistics import Interval, wilson_interval
from rnnlab.training.bptt import CarriedState
from rnnlab.training.evaluation import added, evaluate

MEASURED_AT_ONCE = 250


class LastOutput(Classification):
    """Reads ``outputs[-1]``: of a bidirectional stack, what the backward cell gave after its first step alone."""

    def logits(self, y_BTH: Tensor, lengths_B: Tensor | None) -> Tensor:
        """Of each row the last column, whatever its length."""
        logits_BV: Tensor = self.head(y_BTH[:, -1])
        return logits_BV


@torch.no_grad()
def start_as_tensorflow(model: Classification) -> None:
    """Draw the weights as ``BasicLSTMCell`` and ``tf.random_normal`` do.

    Cells: one matrix over input and state side by side, Glorot & Bengio 2010, uniform; forget bias 1. Head: N(0, 1).
    """
    for cell in model.stack.layers():
        assert isinstance(cell, LSTM)
        H, D = cell.hidden_size, cell.input_size
        bound = math.sqrt(6 / (D + H + 4 * H))
        for weights in (cell.W_GD, cell.R_GH):
            weights.uniform_(-bound, bound)
    nn.init.normal_(model.head.weight)
    nn.init.normal_(model.head.bias)


def accuracy(model: Classification, split: Sequences) -> Interval:
    """The share of a split's items that are classified rightly, with Wilson's 95 % interval."""
    windows = SequenceBatches(split, MEASURED_AT_ONCE, None)
    sums = added(evaluate(model, windows, CarriedState.fresh, torch.device("cpu")))
    return wilson_interval(round(sums["correct"]), round(sums["count"]))


def influence(model: Classification, inputs_BTD: Tensor) -> Tensor:
    """How much each step's input moves the logits through the backward half of what the head reads, (T,).

    The norm of the gradient of the sum of that half's contribution.
    """
    x_BTD = inputs_BTD.detach().requires_grad_()
    y_BTH, _ = model.stack(x_BTD)
    half = y_BTH.shape[-1] // 2
    backward_BTH = torch.cat([torch.zeros_like(y_BTH[..., :half]), y_BTH[..., half:]], dim=-1)
    (gradient_BTD,) = torch.autograd.grad(model.logits(backward_BTH, None).square().sum(), x_BTD)
    norm_T: Tensor = gradient_BTD.norm(dim=(0, 2))
    return norm_T
