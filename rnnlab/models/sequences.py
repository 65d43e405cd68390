"""Where a window is cut, and how rows are turned: what happens to a sequence before a cell reads it.

Shapes: B batch, T time, H hidden units.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from rnnlab.models.cells.base import State


def split_at_resets(reset_BT: Tensor | None, steps: int) -> Iterator[tuple[int, int, Tensor | None]]:
    """(start, stop, rows to reset before start): the stretches of a window between resets of any row."""
    if reset_BT is None:
        yield 0, steps, None
        return
    cuts = [int(t) for t in reset_BT.any(dim=0).nonzero()]
    starts = cuts if cuts[:1] == [0] else [0, *cuts]
    for start, stop in zip(starts, [*starts[1:], steps], strict=True):
        yield start, stop, reset_BT[:, start] if start in cuts else None


def back_to_initial(state: State, initial: State, reset_B: Tensor) -> State:
    """The initial state in the rows to reset, the present one in the others."""
    where = reset_B[:, None]
    return tuple(torch.where(where, fresh, now) for fresh, now in zip(initial, state, strict=True))


def turned(x_BTD: Tensor, lengths_B: Tensor | None) -> Tensor:
    """Each row's valid steps from the last to the first, padding where it was. Done twice it changes nothing."""
    if lengths_B is None:
        return x_BTD.flip(1)
    steps_T = torch.arange(x_BTD.shape[1], device=x_BTD.device)
    from_end_BT = lengths_B[:, None] - 1 - steps_T
    source_BT = torch.where(from_end_BT >= 0, from_end_BT, steps_T)
    return x_BTD.gather(1, source_BT[:, :, None].expand_as(x_BTD))


def last_valid(y_BTH: Tensor, lengths_B: Tensor | None) -> Tensor:
    """The output at each row's last valid step: (B, H)."""
    if lengths_B is None:
        return y_BTH[:, -1]
    # Not len(), which would make the rows of an exported program a constant.
    return y_BTH[torch.arange(y_BTH.shape[0], device=y_BTH.device), lengths_B - 1]
