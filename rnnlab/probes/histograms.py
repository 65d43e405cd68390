"""How the weights, their gradients and what the units compute are distributed.

Shapes: B rows, T steps, H hidden units, N values.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from rnnlab.models.tasks.base import Task
from rnnlab.probes.base import GROWTH, ONE_ERROR, Findings, Probe, Subject, column_table
from rnnlab.probes.saturation import valid
from rnnlab.tracking.folder import RunFolder

COLUMNS = ("part", "layer", "name", "low", "high", "count")
WEIGHT, GRADIENT, ACTIVATION = "weight", "gradient", "activation"
BINS = 64
TAIL = 0.001
"""The share of the values on either side that one wide bin holds, so that a few far ones do not blur all others."""
MOST = 2**18
"""Of more values so many are counted, evenly spread."""

Bin = tuple[float, float, int]


class Histograms(Probe):
    """A histogram of every parameter, of its gradient, and of every named intermediate of each layer's cell.

    The gradient is that of the mean loss over the rows that are looked at, without dropout; its bins are of
    log10 of the size, since sizes spread over decades, and a bin at minus infinity counts the zeros. An
    intermediate is counted over all rows, valid steps and units. 64 bins of equal width hold all but 0.1 % of
    the values on either side, which have a bin each. One pass forward and one backward; of a tensor of more
    than 262,144 values as many are counted.
    """

    name = "histograms"
    together = (GROWTH,)

    def look(self, subject: Subject) -> Findings:
        named = dict(subject.model.named_parameters())
        places = {name: place_of(name, subject.names) for name in named}
        gradients = torch.autograd.grad(
            mean_loss(subject), list(named.values()), retain_graph=True, allow_unused=True, materialize_grads=True
        )
        rows: list[tuple[str | float, ...]] = []
        for name, weight in named.items():
            rows += [(WEIGHT, *places[name], *each) for each in bins_of(weight.detach())]
        for name, gradient in zip(named, gradients, strict=True):
            rows += [(GRADIENT, *places[name], *each) for each in bins_of_sizes(gradient)]
        for number, (layer, cell) in enumerate(zip(subject.names, subject.model.stack.layers(), strict=True)):
            for name in cell.names:
                value_N = valid(subject.trace.stacked(number, name).detach(), subject.batch.lengths)
                rows += [(ACTIVATION, layer, name, *each) for each in bins_of(value_N)]
        return Findings({"histograms": column_table(COLUMNS, rows)})

    def pages(self, model: Task, folder: RunFolder) -> dict[str, str]:
        from rnnlab.report.histograms import histograms_page

        return {self.name: histograms_page(folder)}


def place_of(parameter: str, layers: list[str]) -> tuple[str, str]:
    """``stack.cells.1.R_GH`` is (layer1, R_GH), ``head.weight`` is (head, weight)."""
    for number, layer in enumerate(layers):
        start = f"stack.cells.{number}."
        if parameter.startswith(start):
            return layer, parameter.removeprefix(start)
    first, _, rest = parameter.partition(".")
    return first, rest


def mean_loss(subject: Subject) -> Tensor:
    """The mean over all that is asked in the rows, as training lowers it."""
    loss_BT = subject.model.step_losses(subject.trace.output_BTH, subject.batch)
    shape = subject.source.spec.shape
    asked = len(loss_BT) if shape in ONE_ERROR else int((subject.batch.targets >= 0).sum())
    return loss_BT.sum() / max(asked, 1)


def bins_of(values: Tensor) -> list[Bin]:
    """(low, high, count) of the finite ones, ascending and without gaps; one of no width where all are equal."""
    found = values.flatten()
    value_N = found[:: max(1, -(-len(found) // MOST))].numpy()
    value_N = value_N[np.isfinite(value_N)]
    if not len(value_N):
        return []
    least, most = float(value_N.min()), float(value_N.max())
    low, high = np.quantile(value_N, [TAIL, 1 - TAIL])
    edges = np.unique([least, *np.linspace(low, high, BINS + 1), most])
    if len(edges) == 1:
        return [(least, most, len(value_N))]
    counts, _ = np.histogram(value_N, edges)
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), counts.tolist(), strict=True))


def bins_of_sizes(values: Tensor) -> list[Bin]:
    """The same of log10 of the sizes, behind a bin at minus infinity for those that are 0, where there are any."""
    log_N = values.abs().log10()
    found = bins_of(log_N)
    counted = log_N.flatten()[:: max(1, -(-log_N.numel() // MOST))]
    zeros = int((counted == -math.inf).sum())
    return [(-math.inf, -math.inf, zeros), *found] if zeros else found
