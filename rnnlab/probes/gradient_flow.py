"""How large the gradient of an error still is, some steps before it, and how fast it decays.

Shapes: B rows, T steps, L lags, D input features, G gates, H hidden units, N rows and steps together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call, vjp, vmap

from rnnlab.models.cells.base import Cell
from rnnlab.probes.base import Findings, Probe, Subject, Table, at_lag, column_table
from rnnlab.probes.decay import fitted, quartiles

FLOW = ("layer", "quantity", "lag", "log10_norm", "low", "high")
DECAY = (
    *("layer", "quantity", "rate", "rate_low", "rate_high"),
    *("half_life", "half_life_low", "half_life_high", "lags"),
)
PICTURE = ("t", "unit", "feature", "gradient")
PICTURE_STEPS, PICTURE_UNITS, PICTURE_FEATURES = 128, 32, 16
CHUNK = 2**22
"""Numbers of single gradients that are held at once."""


class GradientFlow(Probe):
    """The 2-norm of dL/dh_t, dL/dc_t, and of the part of dL/dW that step t adds, against the lag.

    L is the sum over rows of the loss at each one's last asked step (or at every one), so the gradient
    of a row is its own. W is every matrix with which the cell reads its input: step t adds to its gradient
    (dL/dp_t) (dp_t/dW), where p_t is the projection of x_t. One pass forward and one backward.
    """

    name = "gradient_flow"

    def look(self, subject: Subject) -> Findings:
        norms = gradient_norms(subject)
        flow, decays = [], []
        figures: dict[str, float] = {}
        for (layer, quantity), norm_BL in norms.items():
            flow += [(layer, quantity, lag, *quartiles(norm_BL[:, lag])) for lag in range(norm_BL.shape[1])]
            decay = fitted(norm_BL)
            decays.append((layer, quantity, decay.rate, decay.low, decay.high, *decay.half_lives, decay.lags))
            if layer == subject.names[-1] and quantity in ("h", "c"):
                figures |= {f"half_life_{quantity}": decay.half_lives[0], f"rate_{quantity}": decay.rate}
            if layer == subject.names[-1] and quantity == "h":
                figures["ratio_h"] = ratio(norm_BL)
        tables = {"gradient_flow": column_table(FLOW, flow), "gradient_decay": column_table(DECAY, decays)}
        if subject.picture:
            tables["input_gradient"] = input_picture(subject)
        return Findings(tables, figures)


def ratio(norm_BL: np.ndarray) -> float:
    """log10 of the norm at the largest lag that any row reaches over that at lag 0, geometric means over rows."""
    reached = [lag for lag in range(norm_BL.shape[1]) if not np.isnan(norm_BL[:, lag]).all()]
    return quartiles(norm_BL[:, reached[-1]])[0] - quartiles(norm_BL[:, 0])[0] if reached else math.nan


def gradient_norms(subject: Subject) -> dict[tuple[str, str], np.ndarray]:
    """(layer, quantity) -> the norms of each row at each lag, (B, L); NaN where a row does not reach so far back."""
    cells = list(subject.model.stack.layers())
    of_states, of_projections = subject.trace.gradients_of(subject.loss, [cell.state_names for cell in cells])
    found: dict[tuple[str, str], np.ndarray] = {}
    for number, (name, cell) in enumerate(zip(subject.names, cells, strict=True)):
        norms = {part: gradient_BTH.norm(dim=-1) for part, gradient_BTH in of_states[number].items()}
        if input_matrices(cell):
            norms["input_matrix"] = input_matrix_norms(subject, number, of_projections[number])
        for quantity, norm_BT in norms.items():
            found[name, quantity] = by_lag(norm_BT, subject.ends(number), subject.source.lags)
    return found


def by_lag(norm_BT: Tensor, end_B: Tensor, lags: int) -> np.ndarray:
    """Norms at steps as norms at lags 0 .. ``lags``, counted back from each row's end: (B, L)."""
    reached = min(lags, int(end_B.max()))
    return torch.stack([at_lag(norm_BT, end_B, lag) for lag in range(reached + 1)], dim=1).numpy()


def input_matrices(cell: Cell) -> list[str]:
    """The matrices with which a cell reads its input: those whose columns are as many as its features.

    A matrix that the step reads is a recurrent one, whatever its size.
    """
    named = cell.named_parameters(recurse=False)
    return [
        name
        for name, weight in named
        if weight.dim() == 2 and weight.shape[1] == cell.input_size and name not in cell.step_weights
    ]


def input_matrix_norms(subject: Subject, layer: int, of_projection_BTG: Tensor) -> Tensor:
    """The norm of what each row and step adds to the gradient on all input matrices, (B, T)."""
    runner = subject.model.stack.runners[layer]
    cell = list(subject.model.stack.layers())[layer]
    x_BTD = subject.trace.read(layer)[0].detach()
    x_ND, g_NG = x_BTD.flatten(0, 1), of_projection_BTG.flatten(0, 1)
    only = single_matrix(cell, runner, x_ND)
    if only:  # (dL/dp) x' has the product of the two norms
        norm_N = g_NG[:, : getattr(cell, only).shape[0]].norm(dim=-1) * x_ND.norm(dim=-1)
    else:
        norm_N = torch.cat(
            [
                torch.stack([gradient.flatten(1).norm(dim=-1) for gradient in chunk.values()]).norm(dim=0)
                for chunk in input_gradients(cell, x_ND, g_NG)
            ]
        )
    return norm_N.view(x_BTD.shape[:2])


@torch.no_grad()
def single_matrix(cell: Cell, runner: Cell, x_ND: Tensor) -> str:
    """The name of the input matrix W where the projection is W x + b and nothing else; else an empty string."""
    names = input_matrices(cell)
    if len(names) != 1:
        return ""
    weight, few_1ND = getattr(cell, names[0]), x_ND[None, :4]
    bias = cell.project(torch.zeros_like(few_1ND))
    given = cell.project(few_1ND)
    plain = given.shape[-1] == weight.shape[0] and torch.allclose(given, few_1ND @ weight.T + bias, rtol=1e-10)
    return names[0] if plain else ""


@torch.no_grad()
def input_gradients(cell: Cell, x_ND: Tensor, g_NG: Tensor) -> Iterator[dict[str, Tensor]]:
    """What each of N steps adds to the gradient on each input matrix, (n, ...), some steps at a time.

    A vector-Jacobian product of ``cell.project`` for every step alone.
    """
    names = input_matrices(cell)
    matrices = {name: getattr(cell, name).detach() for name in names}
    width = cell.project(x_ND[:1, None])[0].shape[-1]  # zoneout's masks stand behind it, and are no gradient of W

    def of_one(x_D: Tensor, g_G: Tensor) -> dict[str, Tensor]:
        def project(weights: dict[str, Tensor]) -> Tensor:
            return functional_call(_Projection(cell), {f"cell.{name}": w for name, w in weights.items()}, (x_D,))

        (found,) = vjp(project, matrices)[1](g_G)
        return found

    size = max(1, CHUNK // sum(weight.numel() for weight in matrices.values()))
    for start in range(0, len(x_ND), size):
        yield vmap(of_one)(x_ND[start : start + size], g_NG[start : start + size, :width])


class _Projection(torch.nn.Module):
    """``cell.project`` of one step, as a module whose weights can be handed in."""

    def __init__(self, cell: Cell) -> None:
        super().__init__()
        self.cell = cell

    def forward(self, x_D: Tensor) -> Tensor:
        return self.cell.project(x_D[None, None])[0, 0]


def input_picture(subject: Subject) -> Table:
    """The gradient on the input matrices of the lowest layer as it is added step by step, for the first row.

    At most the last 128 steps, 32 units and 16 features; the norm over all matrices and blocks of gates.
    """
    cell = next(subject.model.stack.layers())
    if not input_matrices(cell):
        return column_table(PICTURE, [])
    gradients = subject.trace.gradients_of(subject.loss, [() for _ in subject.names])[1]
    stop = int(subject.ends(0)[0]) + 1
    start = max(0, stop - min(PICTURE_STEPS, subject.source.lags + 1))
    x_TD, g_TG = subject.trace.read(0)[0].detach()[0, start:stop], gradients[0][0, start:stop]
    H = cell.hidden_size
    units, features = min(H, PICTURE_UNITS), min(cell.input_size, PICTURE_FEATURES)
    pieces = [
        sum(
            gradient.unflatten(1, (-1, H))[:, :, :units, :features].square().sum(dim=1)
            for gradient in chunk.values()
            if gradient.shape[1] % H == 0
        )
        for chunk in input_gradients(cell, x_TD, g_TG)
    ]
    norm_TUF = torch.cat([torch.as_tensor(piece) for piece in pieces]).sqrt()
    t, unit, feature = (
        index.flatten().tolist()
        for index in torch.meshgrid(
            torch.arange(start, stop), torch.arange(units), torch.arange(features), indexing="ij"
        )
    )
    return {"t": t, "unit": unit, "feature": feature, "gradient": norm_TUF.flatten().tolist()}
