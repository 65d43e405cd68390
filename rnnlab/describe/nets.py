"""The lines between two columns of a diagram: each has an upright of its own, and they come in a good order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

MOST_PERMUTED = 6
"""Of so many lines every order is tried."""


@dataclass(slots=True)
class Net:
    """What one item leads to in the next column: the heights at which it leaves and arrives, and its upright."""

    leaves: float
    arrives: list[float]
    x: float = 0.0

    @property
    def is_straight(self) -> bool:
        return all(y == self.leaves for y in self.arrives)

    @property
    def span(self) -> tuple[float, float]:
        return min(self.leaves, *self.arrives), max(self.leaves, *self.arrives)


def in_good_order(nets: list[Net]) -> list[Net]:
    """The uprights from left to right so that few lines cross and none runs upon another."""
    if len(nets) <= MOST_PERMUTED:
        return min((list(order) for order in permutations(nets)), key=_cost)
    order: list[Net] = []
    for net in nets:
        order = min((order[:i] + [net] + order[i:] for i in range(len(order) + 1)), key=_cost)
    return order


def _cost(nets: Sequence[Net]) -> int:
    """Crossings, and a hundred for each stretch on which two lines would be one."""
    cost = 0
    for place, left in enumerate(nets):
        for right in nets[place + 1 :]:
            cost += _cuts(left, right.leaves) + sum(_cuts(right, y) for y in left.arrives)
            cost += 100 * sum(abs(right.leaves - y) < 5 for y in left.arrives)
    return cost


def _cuts(net: Net, level: float) -> bool:
    low, high = net.span
    return low <= level <= high


def branching_points(net: Net) -> list[tuple[float, float]]:
    """Where three or more stretches of a line meet."""
    if net.is_straight:
        return []
    low, high = net.span
    found = []
    for y in sorted({net.leaves, *net.arrives}):
        ways = (y == net.leaves) + (y in net.arrives) + (y > low) + (y < high)
        if ways >= 3:
            found.append((net.x, y))
    return found
