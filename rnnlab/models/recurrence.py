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
    found: Tensor = _Recurrence.apply(a_BTH.to(dtype), b_BTH.to(dtype), h_BH.to(dtype), False)
    return found


class _Recurrence(torch.autograd.Function):
    """With g_t = dL/dh_t along every path:  g_t = conj(a_(t+1)) g_(t+1) + (dL/dh_t as it came in).

    That is the same recurrence, the other way in time; ``reverse`` is the way of this one.
    """

    @staticmethod
    def forward(ctx: Any, a_BTH: Tensor, b_BTH: Tensor, h_BH: Tensor, reverse: bool) -> Tensor:
        y_BTH = solve(a_BTH, b_BTH, h_BH, reverse)
        ctx.save_for_backward(a_BTH, h_BH, y_BTH)
        ctx.reverse = reverse
        return y_BTH

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, Tensor, None]:
        a_BTH, h_BH, y_BTH = ctx.saved_tensors
        (dy_BTH,) = gradients
        a_BTH = a_BTH.conj()
        T = a_BTH.shape[1]
        if ctx.reverse:
            first, but_first, last, but_last = slice(T - 1, T), slice(0, T - 1), slice(0, 1), slice(1, T)
        else:
            first, but_first, last, but_last = slice(0, 1), slice(1, T), slice(T - 1, T), slice(0, T - 1)
        g_BTH = _Recurrence.apply(a_BTH[:, but_first], dy_BTH[:, but_last], dy_BTH[:, last].squeeze(1), not ctx.reverse)
        g_BTH = _joined(dy_BTH[:, last], g_BTH, not ctx.reverse)
        before_BTH = _joined(h_BH[:, None], y_BTH[:, but_last], ctx.reverse)
        return g_BTH * before_BTH.conj(), g_BTH, (g_BTH[:, first] * a_BTH[:, first]).squeeze(1), None


def _joined(first_B1H: Tensor, others_BTH: Tensor, reverse: bool) -> Tensor:
    """One step, and those that follow it: after it in time, or before it."""
    return torch.cat([others_BTH, first_B1H] if reverse else [first_B1H, others_BTH], dim=1)


def solve(a_BTH: Tensor, b_BTH: Tensor, h_BH: Tensor, reverse: bool = False) -> Tensor:
    """``linear_recurrence`` without derivatives; ``reverse`` goes from the last step to the first.

    Time is cut into K blocks. A whole block is one step of the same recurrence, from its start to its
    end: those K steps are solved first, by this function. Then all blocks go on from their starts at
    once. So there are O(log T) rounds of BLOCK kernels each, and O(T) work.
    """
    y_BTH = torch.empty_like(b_BTH)
    way = -1 if reverse else 1
    K, rest = divmod(b_BTH.shape[1], BLOCK)
    if K < 2:
        _one_by_one(a_BTH.unbind(1)[::way], b_BTH.unbind(1)[::way], h_BH, y_BTH.unbind(1)[::way])
        return y_BTH
    before, blocks = (slice(K * BLOCK, None), slice(K * BLOCK)) if reverse else (slice(rest), slice(rest, None))
    if rest:
        a, b, y = (part[:, before].unbind(1)[::way] for part in (a_BTH, b_BTH, y_BTH))
        h_BH = _one_by_one(a, b, h_BH, y)
    # Lists of the BLOCK places in a block, each (B, K, H): views, so that y is written where it stands.
    a, b, y = (part[:, blocks].unflatten(1, (K, BLOCK)).unbind(2)[::way] for part in (a_BTH, b_BTH, y_BTH))
    block_a, block_b = a[0], b[0]
    for place in range(1, BLOCK):
        block_a = a[place] * block_a
        block_b = torch.addcmul(b[place], a[place], block_b)
    ends_BKH = solve(block_a, block_b, h_BH, reverse)
    starts_BKH = _joined(h_BH[:, None], ends_BKH[:, 1:] if reverse else ends_BKH[:, :-1], reverse)
    _one_by_one(a, b, starts_BKH, y)
    return y_BTH


def _one_by_one(a: tuple[Tensor, ...], b: tuple[Tensor, ...], h: Tensor, y: tuple[Tensor, ...]) -> Tensor:
    """Write each step of a list into ``y``, and return the last."""
    for a_t, b_t, y_t in zip(a, b, y, strict=True):
        h = torch.addcmul(b_t, a_t, h, out=y_t)
    return h
