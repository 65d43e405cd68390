"""What one step, and many in a row, do to a small change of the state.

Shapes: B rows, T steps, S numbers of a layer's whole state, G gates, H hidden units.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from rnnlab.models.cells.base import Cell, State, Weights, unedited
from rnnlab.models.tasks.base import Task
from rnnlab.probes.base import Findings, Probe, Source, Subject, cannot, column_table, doubling, interval_over_rows

BUDGET = 2**29
"""Rows x steps x S^3 of a layer, to which its cost is proportional."""
LARGEST = 512
MOST_ROWS = 3
FEWEST_STEPS = 4
ENOUGH_STEPS = 100
WARM_UP = 0.25
"""Share of the steps in which the directions settle before exponents are counted."""
NOTHING = math.log(torch.finfo(torch.float64).eps)
VALUES = ("layer", "lag", "index", "log10_value")
LYAPUNOV = ("layer", "index", "exponent", "low", "high")
RADIUS = ("layer", "weight", "block", "radius")


class Jacobian(Probe):
    """Singular values of d h_T / d h_(T-k), Lyapunov exponents, and spectral radii of the recurrent matrices.

    Exponents are those of the whole state of a layer, along the trajectory of each row, by QR (Benettin 1980),
    with Student's interval over rows; a first quarter of the steps lets the directions settle. One of -36 stands
    for less: a direction that is forgotten within a step. Singular values that are lost in the
    rounding of the largest are left out.

    The cost is bounded: at most 3 rows are looked at, and rows x steps x S^3 is at most 2^29, S being the numbers of
    the state. So an LSTM of 64 units has 2 rows of 128 steps, one of 128 units a row of 32; never fewer than 4 steps.
    A state of more than 512 numbers is refused.
    """

    name = "jacobian"

    def asked(self, model: Task, source: Source) -> None:
        size = max(cell.hidden_size * len(cell.state_names) for cell in model.stack.layers())
        if size > LARGEST:
            raise cannot(self.name, model, f"a layer's state has {size} numbers, {LARGEST} at most are looked at")

    def look(self, subject: Subject) -> Findings:
        values: list[tuple[Any, ...]] = []
        exponents: list[tuple[Any, ...]] = []
        radii: list[tuple[Any, ...]] = []
        for number, (layer, cell) in enumerate(zip(subject.names, subject.model.stack.layers(), strict=True)):
            J_BTSS = jacobians(subject, number)
            found = lyapunov(J_BTSS)
            for index in range(found.shape[1]):
                exponents.append((layer, index, *interval_over_rows(found[:, index])))
            values += [(layer, *row) for row in singular_values(J_BTSS, cell)]
            radii += [(layer, *row) for row in spectral_radii(cell)]
        last = subject.names[-1]
        figures = {"lyapunov": next(row[2] for row in exponents if row[0] == last)}
        if top := [row[3] for row in radii if row[0] == last]:
            figures["radius"] = max(top)
        tables = {
            "jacobian_singular_values": column_table(VALUES, values),
            "jacobian_lyapunov": column_table(LYAPUNOV, exponents),
            "jacobian_radius": column_table(RADIUS, radii),
        }
        return Findings(tables, figures)


def extent(available_rows: int, available_steps: int, size: int) -> tuple[int, int]:
    """How many rows, and how many of their last steps, are looked at for a state of ``size`` numbers."""
    together = max(BUDGET // size**3, FEWEST_STEPS)
    rows = max(1, min(available_rows, MOST_ROWS, together // min(available_steps, ENOUGH_STEPS)))
    return rows, min(available_steps, together // rows)


def jacobians(subject: Subject, layer: int) -> Tensor:
    """d state_t / d state_(t-1) of one layer along the trajectories of some rows: (B, T, S, S), T the last step."""
    runner, over_time = subject.model.stack.runners[layer], subject.model.stack.over_time[layer]
    size = runner.hidden_size * len(over_time.cell.state_names)
    end_B, p_BTG = subject.ends(layer), subject.trace.read(layer)[1].detach()
    rows, _ = extent(len(end_B), int(end_B.min()) + 1, size)
    longest = end_B.argsort(descending=True, stable=True)[:rows]
    p_BTG, end_B = p_BTG[longest], end_B[longest]
    steps = min(extent(rows, int(end_B.min()) + 1, size)[1], subject.source.lags + 1)
    with torch.no_grad():
        before_BTS = states_before(runner, p_BTG, over_time.initial_state(rows))
    at_BT = end_B[:, None] - torch.arange(steps - 1, -1, -1)
    p_BTG = p_BTG.gather(1, at_BT[:, :, None].expand(-1, -1, p_BTG.shape[-1]))
    before_BTS = before_BTS.gather(1, at_BT[:, :, None].expand(-1, -1, size))
    with torch.enable_grad():
        J_NSS = step_jacobians(runner, p_BTG.flatten(0, 1), before_BTS.flatten(0, 1), detached(runner.weights()))
    return J_NSS.unflatten(0, (rows, steps))


def states_before(runner: Cell, p_BTG: Tensor, state: State) -> Tensor:
    """The whole state before each step, its parts side by side: (B, T, S)."""
    w, before = runner.weights(), []
    for p_BG in p_BTG.unbind(dim=1):
        before.append(torch.cat(state, dim=-1))
        _, state = runner.step(p_BG, state, w, unedited)
    return torch.stack(before, dim=1)


def step_jacobians(runner: Cell, p_NG: Tensor, state_NS: Tensor, w: Weights) -> Tensor:
    """The Jacobian of N steps, each by itself: (N, S, S).

    A step takes every row by itself. So S equal rows, of which row i is asked for the gradient of number i
    of the new state, give all rows of the Jacobian in one pass forward and one backward.
    """
    N, S = state_NS.shape
    parts = S // runner.hidden_size
    rows_NSS = state_NS[:, None].expand(N, S, S).reshape(N * S, S).clone().requires_grad_()
    state = tuple(rows_NSS.split(runner.hidden_size, dim=-1))
    assert len(state) == parts
    _, after = runner.step(p_NG.repeat_interleave(S, dim=0), state, w, unedited)
    asked = torch.eye(S, dtype=state_NS.dtype).repeat(N, 1)
    (found,) = torch.autograd.grad(torch.cat(after, dim=-1), rows_NSS, asked, materialize_grads=True)
    return found.view(N, S, S)


def detached(w: Weights) -> Weights:
    """The weights as numbers: no gradient on them is asked for."""
    return Weights(**{name: weight.detach() for name, weight in vars(w).items()})


def lyapunov(J_BTSS: Tensor) -> Tensor:
    """The exponents of each row, the largest first: (B, S), natural logarithm per step."""
    rows, steps, size, _ = J_BTSS.shape
    Q_BSS = torch.eye(size, dtype=J_BTSS.dtype).expand(rows, size, size)
    warm_up, logs = int(WARM_UP * steps), []
    for t in range(steps):
        Q_BSS, R_BSS = torch.linalg.qr(J_BTSS[:, t] @ Q_BSS)
        if t >= warm_up:
            logs.append(R_BSS.diagonal(dim1=1, dim2=2).abs().log().clamp(min=NOTHING))
    return torch.stack(logs).mean(dim=0).sort(dim=-1, descending=True).values


def singular_values(J_BTSS: Tensor, cell: Cell) -> list[tuple[int, int, float]]:
    """(lag, index, log10 of the singular value), mean over rows, of d h_T / d h_(T-lag) at lags 1, 2, 4, ..."""
    H, steps = cell.hidden_size, J_BTSS.shape[1]
    first = cell.state_names.index("h") * H if "h" in cell.state_names else 0
    wanted, found = doubling(steps), []
    product_BHS = torch.eye(J_BTSS.shape[-1], dtype=J_BTSS.dtype)[first : first + H].expand(len(J_BTSS), -1, -1)
    for lag in range(1, steps + 1):
        product_BHS = product_BHS @ J_BTSS[:, steps - lag]
        if lag in wanted and product_BHS.isfinite().all():  # a product that explodes ends the table
            value_BH = torch.linalg.svdvals(product_BHS[:, :, first : first + H])
            known = (value_BH > value_BH[:, :1] * torch.finfo(value_BH.dtype).eps * H).all(dim=0)
            logs = value_BH.log10().mean(dim=0)
            found += [(lag, index, float(logs[index])) for index in known.nonzero().flatten().tolist()]
    return found


def spectral_radii(cell: Cell) -> list[tuple[str, str, float]]:
    """(weight, block, the largest modulus of an eigenvalue) of every H x H block of the recurrent matrices."""
    H, found = cell.hidden_size, []
    for name, weight in vars(detached(cell.weights())).items():
        if weight.dim() != 2 or weight.shape[1] != H or weight.shape[0] % H:
            continue
        blocks = weight.split(H)
        letters = cell.gates if len(blocks) == len(cell.gates) else tuple(map(str, range(len(blocks))))
        for letter, block in zip(letters, blocks, strict=True):
            radius = torch.linalg.eigvals(block).abs().max() if block.isfinite().all() else math.nan
            found.append((name, letter, float(radius)))
    return found
