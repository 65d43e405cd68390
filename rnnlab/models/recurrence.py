"""The first-order linear recurrence, in parallel over time: what cells that are linear in their state run on.

Shapes: B batch, T time, H units; K blocks of BLOCK steps each.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

BLOCK = 8
"""Steps in a block. At T = 1024, 4 to 16 are alike on a CPU; smaller means fewer kernels in a row on a GPU."""


def linear_recurrence(a_BTH: Tensor, b_BTH: Tensor, h_BH: Tensor) -> Tensor:
    """h_t = a_t * h_(t-1) + b_t for t = 1 .. T, from h_0 = h_BH: all of them, (B, T, H).

    Real or complex, any T >= 1, elementwise over B and H. Nothing is divided and no logarithm is taken,
    so a may be 0 or negative; where |a| <= 1 rounding errors do not grow. Computed in the widest type of
    the three. Differentiable to any order: the gradient is itself such a recurrence, backwards in time.
    """
    dtype = torch.promote_types(torch.promote_types(a_BTH.dtype, b_BTH.dtype), h_BH.dtype)
    found: Tensor = _Recurrence.apply(a_BTH.to(dtype), b_BTH.to(dtype), h_BH.to(dtype))
    return found


class _Recurrence(torch.autograd.Function):
    """With g_t = dL/dh_t along every path:  g_t = conj(a_(t+1)) g_(t+1) + (dL/dh_t as it came in)."""

    @staticmethod
    def forward(ctx: Any, a_BTH: Tensor, b_BTH: Tensor, h_BH: Tensor) -> Tensor:
        y_BTH = solve(a_BTH, b_BTH, h_BH)
        ctx.save_for_backward(a_BTH, h_BH, y_BTH)
        return y_BTH

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        a_BTH, h_BH, y_BTH = ctx.saved_tensors
        (dy_BTH,) = gradients
        a_BTH = a_BTH.conj()
        beyond_B1H = torch.zeros_like(a_BTH[:, :1])
        next_a_BTH = torch.cat([a_BTH[:, 1:], beyond_B1H], dim=1)
        g_BTH = linear_recurrence(next_a_BTH.flip(1), dy_BTH.flip(1), torch.zeros_like(h_BH)).flip(1)
        before_BTH = torch.cat([h_BH[:, None], y_BTH[:, :-1]], dim=1)
        return g_BTH * before_BTH.conj(), g_BTH, g_BTH[:, 0] * a_BTH[:, 0]


def solve(a_BTH: Tensor, b_BTH: Tensor, h_BH: Tensor) -> Tensor:
    """``linear_recurrence`` without derivatives.

    Time is cut into K blocks. A whole block is one step of the same recurrence, from its start to its
    end: those K steps are solved first, by this function. Then all blocks go on from their starts at
    once. So there are O(log T) rounds of BLOCK kernels each, and O(T) work.
    """
    y_BTH = torch.empty_like(b_BTH)
    K, rest = divmod(b_BTH.shape[1], BLOCK)
    if K < 2:
        _one_by_one(a_BTH.unbind(1), b_BTH.unbind(1), h_BH, y_BTH.unbind(1))
        return y_BTH
    if rest:
        first = [part[:, :rest].unbind(1) for part in (a_BTH, b_BTH, y_BTH)]
        h_BH = _one_by_one(first[0], first[1], h_BH, first[2])
    # Lists of the BLOCK places in a block, each (B, K, H): views, so that y is written where it stands.
    a, b, y = (part[:, rest:].unflatten(1, (K, BLOCK)).unbind(2) for part in (a_BTH, b_BTH, y_BTH))
    block_a, block_b = a[0], b[0]
    for place in range(1, BLOCK):
        block_a = a[place] * block_a
        block_b = torch.addcmul(b[place], a[place], block_b)
    ends_BKH = solve(block_a, block_b, h_BH)
    starts_BKH = torch.cat([h_BH[:, None], ends_BKH[:, :-1]], dim=1)
    _one_by_one(a, b, starts_BKH, y)
    return y_BTH


def _one_by_one(a: tuple[Tensor, ...], b: tuple[Tensor, ...], h: Tensor, y: tuple[Tensor, ...]) -> Tensor:
    """Write each step of a list into ``y``, and return the last."""
    for a_t, b_t, y_t in zip(a, b, y, strict=True):
        h = torch.addcmul(b_t, a_t, h, out=y_t)
    return h
