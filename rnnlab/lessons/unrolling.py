"""The unrolled network: one set of weights at every step, and the gradient that all steps add to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from rnnlab.describe.unrolled import unrolled_diagram
from rnnlab.lessons.base import Lesson, Try
from rnnlab.lessons.blocks import Block, Lines, Picture, Table, Text
from rnnlab.lessons.running import composed
from rnnlab.models.cells.base import Cell, Weights, unedited
from rnnlab.models.model import build_stack
from rnnlab.models.stack import Stack
from rnnlab.training.seeds import reseed

SETTINGS = ("cell=elman", "cell.hidden_size=8", "stack.depth=2", "stack.dropout=0", "stack.backend=loop")
FEATURES, ROWS = 4, 3
DRAWING = (
    "  y_1        y_2        y_3               y_T",
    "   ^          ^          ^                 ^",
    " [h_1] ---> [h_2] ---> [h_3] --> ... --> [h_T]      layer 2",
    "   ^          ^          ^                 ^",
    " [h_1] ---> [h_2] ---> [h_3] --> ... --> [h_T]      layer 1",
    "   ^          ^          ^                 ^",
    "  x_1        x_2        x_3               x_T",
)


class Unrolling(Lesson):
    """One hidden vector for each layer, the same weights at each step."""

    title = "The vanilla RNN, unrolled in time"
    place = 10
    look = (
        "Each column is one step; all columns have the same weights, so their number does not depend on T.",
        "Unrolled at once or step by step, the state is handed on and the numbers are the same.",
        "The gradient of a shared weight is the sum of what each step would say to a copy of its own.",
    )
    next = (
        Try("rnnlab cells show elman stack.depth=2 --to pictures", "this network, with its equation and costs"),
        Try("rnnlab cells show lstm stack.depth=3 stack.connections=residual --to pictures", "any other"),
        Try("rnnlab lesson hello", "the smallest one, with all its numbers"),
    )

    def run(self) -> Iterator[Block]:
        experiment = composed(*SETTINGS)
        reseed(0, 0)
        stack = build_stack(experiment.stack, experiment.cell, FEATURES).double()
        yield Lines("drawing", "Two layers over T steps", DRAWING)
        caption = "Each arrow to the right carries h_(t-1) to the next step; thick lines are matrix products."
        drawn = unrolled_diagram(experiment.stack, "Elman", alone=False)
        yield Picture("Unrolled over four steps", caption, drawn)
        lengths = [1, 4, self.sized(64, 8)]
        yield same_numbers(stack, lengths)
        yield shared_gradient(next(stack.layers()), self.sized(12, 6))


@torch.no_grad()
def same_numbers(stack: Stack, lengths: list[int]) -> Table:
    """For several T: parameters, how often a layer takes a step, and how far step by step is from all at once."""
    count = sum(weights.numel() for weights in stack.parameters())
    rows = []
    for T in lengths:
        x_BTD = torch.randn(ROWS, T, FEATURES, dtype=torch.float64)
        whole_BTH, _ = stack(x_BTD)
        state, outputs = None, []
        for t in range(T):
            y_B1H, state = stack(x_BTD[:, t : t + 1], state)
            outputs.append(y_B1H)
        difference = float((whole_BTH - torch.cat(outputs, dim=1)).abs().max())
        rows.append(
            {
                "T": T,
                "parameters": count,
                "steps of layers": T * len(stack.cells),
                "step by step differs by": difference,
            }
        )
    return Table("unrolled", "The same network over longer and longer inputs", rows)


def shared_gradient(cell: Cell, T: int) -> Text:
    """d loss / d W_h of one layer, once as it is shared and once over a copy for each step."""
    p_BTG = cell.project(torch.randn(ROWS, T, FEATURES, dtype=torch.float64)).detach()
    shared_HH = cell.get_parameter("W_h_HH")
    (whole_HH,) = torch.autograd.grad(last_output(cell, p_BTG, [shared_HH] * T).square().sum(), shared_HH)
    copies = [shared_HH.detach().clone().requires_grad_() for _ in range(T)]
    parts = torch.autograd.grad(last_output(cell, p_BTG, copies).square().sum(), copies)
    difference = float((torch.stack(parts).sum(dim=0) - whole_HH).abs().max())
    sizes = [float(part.norm()) for part in parts]
    return Text(
        f"The gradient of the last output of layer 1 on W_h over {T} steps: summed over {T} copies of W_h, one for each"
        f" step, it differs from the gradient on the shared W_h by {difference:.1e}. What the last step says has norm"
        f" {sizes[-1]:.2g}, what the second one says {sizes[1]:.2g} (the first multiplies W_h by h_0 = 0 and says"
        " nothing): `rnnlab lesson vanishing` goes on from here.",
        {"shares": sizes, "norm": float(whole_HH.norm()), "difference": difference},
    )


def last_output(cell: Cell, p_BTG: Tensor, W_h: Sequence[Tensor]) -> Tensor:
    """h_T of an Elman layer whose step t has the recurrent matrix ``W_h[t]``: (B, H)."""
    state = cell.initial_state(len(p_BTG))
    h_BH = state[0]
    for t, W_h_HH in enumerate(W_h):
        h_BH, state = cell.step(p_BTG[:, t], state, Weights(W_h_HH=W_h_HH), unedited)
    return h_BH
