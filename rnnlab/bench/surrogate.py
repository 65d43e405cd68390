"""A validation loss that needs no training: a formula with the traps that searches over recurrent networks meet.

With x = log10 of the learning rate, n = log2(hidden size / 64), D = depth, r = dropout, w = log2 of the window,
b = forget bias of an LSTM, in nats per symbol:

    loss  = floor(cell) + width + shape + rate + drop + reach + memory + cliff
    width = 0.064 (2 / sqrt(h) + h - 3),  h = hidden size / 256      more units help less and less, then they cost
    shape = 0.03 (D - D*(cell))^2
    rate  = 0.25 (x - x*)^2,  x* = centre(cell) - 0.2 n - 0.1 (D - 1)   larger nets want lower rates
    drop  = 1.5 (r - r*)^2,   r* = 0.05 max(0, n + 1)                   and more dropout
    reach = 0.02 (w - w*(cell))^2                                       an Elman network forgets soon
    memory = 0.04 (b - 1)^2 for an LSTM, which alone has b; else 0
    cliff = 1.5 / (1 + exp(-12 (x + 2 + 0.2 (D - 1)))) for an Elman network, whose gradients explode; else 0

Every square is 0 at the best LSTM, so ``MINIMUM`` is its floor. After the share s of its budget a run is at

    value(s) = loss + (START - loss) p(s),   p falls from 1 at 0 to 0 at 1
    p(s) = (q(s) - q(1)) / (1 - q(1)),       q(s) = (1 + 50 s)^-g,  g = 1.2 + 0.5 (x - x*) - 0.1 n, in [0.3, 2]

so a rate that is too high leads at first, and curves cross.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Character(NamedTuple):
    """What the constants of the formula are for a cell: floor, centre, D*, and w* as a window in symbols."""

    floor: float
    centre: float
    depth: int
    window: int


CELLS = {
    "elman": Character(1.60, -3.0, 1, 16),
    "gru": Character(1.43, -2.4, 2, 64),
    "lstm": Character(1.40, -2.2, 2, 128),
}
START = math.log(256)
"""Of a network that has learned nothing yet about bytes."""
MINIMUM = CELLS["lstm"].floor
SPACE = (
    "cell=elman,gru,lstm",
    "cell.hidden_size=tag(log,int(interval(16,512)))",
    "cell.forget_bias=interval(-1.0,4.0)",
    "stack.depth=1,2,3,4",
    "stack.dropout=interval(0.0,0.5)",
    "bptt.window=8,16,32,64,128,256",
    "optimizer.lr=tag(log,interval(1e-4,1e-1))",
)
"""The space as overrides of a sweep."""
OWNERS: dict[str, tuple[str, ...]] = {"cell.forget_bias": ("lstm",)}


@dataclass(frozen=True, slots=True)
class Configuration:
    """A point of ``SPACE``; ``forget_bias`` is an LSTM's alone."""

    cell: str
    hidden_size: int
    depth: int
    dropout: float
    window: int
    rate: float
    forget_bias: float = 1.0

    @classmethod
    def of(cls, varied: Mapping[str, str]) -> Configuration:
        """From a trial's values, as overrides have them."""
        return cls(
            cell=varied["cell"],
            hidden_size=int(varied["cell.hidden_size"]),
            depth=int(varied["stack.depth"]),
            dropout=float(varied["stack.dropout"]),
            window=int(varied["bptt.window"]),
            rate=float(varied["optimizer.lr"]),
            forget_bias=float(varied.get("cell.forget_bias", 1.0)),
        )

    @property
    def size(self) -> float:
        """n of the formula."""
        return math.log2(self.hidden_size / 64)

    @property
    def off_best_rate(self) -> float:
        """x - x*: by how many powers of ten the learning rate is too high."""
        best = CELLS[self.cell].centre - 0.2 * self.size - 0.1 * (self.depth - 1)
        return math.log10(self.rate) - best


def loss(c: Configuration) -> float:
    """What the configuration comes to at the end of its budget."""
    cell, h = CELLS[c.cell], c.hidden_size / 256
    width = 0.064 * (2 / math.sqrt(h) + h - 3)
    shape = 0.03 * (c.depth - cell.depth) ** 2
    rate = 0.25 * c.off_best_rate**2
    drop = 1.5 * (c.dropout - 0.05 * max(0.0, c.size + 1)) ** 2
    reach = 0.02 * math.log2(c.window / cell.window) ** 2
    memory = 0.04 * (c.forget_bias - 1) ** 2 if c.cell == "lstm" else 0.0
    return cell.floor + width + shape + rate + drop + reach + memory + cliff(c)


def cliff(c: Configuration) -> float:
    """Beyond it an Elman network learns next to nothing."""
    if c.cell != "elman":
        return 0.0
    return 1.5 / (1 + math.exp(-12 * (math.log10(c.rate) + 2 + 0.2 * (c.depth - 1))))


def value(c: Configuration, share: float) -> float:
    """Where a run stands after this share of its budget, from 0 to 1."""
    steepness = min(max(1.2 + 0.5 * c.off_best_rate - 0.1 * c.size, 0.3), 2.0)
    left, end = (1 + 50 * share) ** -steepness, 51**-steepness
    final = loss(c)
    return final + (START - final) * (left - end) / (1 - end)
