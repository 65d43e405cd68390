"""How high each item of a diagram stands: lines straight where they can be, and nothing upon anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter

from rnnlab.describe.ranks import Item, Ranks

ROUNDS = 60


@dataclass(frozen=True, slots=True)
class Room:
    """Pixels that an item needs above and below its middle."""

    above: float
    below: float


Ports = Mapping[tuple[Item, Item], float]
"""(from, to) -> where a line comes in, in pixels below the middle of what it leads to."""


def heights(ranks: Ranks, room: Mapping[Item, Room], ports: Ports) -> dict[Item, float]:
    """The middle of each item, in pixels from the top.

    Items that a straight line joins form a block and move together (as in Brandes & Koepf 2002); each
    block then goes to where its other lines pull it.
    """
    blocks = _Blocks(ranks, room)
    for before, after in sorted(ports, key=lambda line: _priority(ranks, *line)):
        blocks.join(before, after, ports[before, after])
    blocks.place(ports)
    return blocks.heights()


def _priority(ranks: Ranks, before: Item, after: Item) -> tuple[int, float]:
    """Long lines first, then chains of single connections; then what lies in the middle of its kin."""
    lanes = before.is_lane + after.is_lane
    kin = ranks.follows[before]
    sources = ranks.precedes()[after]
    single = len(kin) == 1 and len(sources) == 1
    apart = abs(kin.index(after) - (len(kin) - 1) / 2) + abs(sources.index(before) - (len(sources) - 1) / 2)
    return -(2 * lanes + 3 * single), apart


class _Blocks:
    """Each item belongs to a block, and stands ``shift`` below the block's height."""

    def __init__(self, ranks: Ranks, room: Mapping[Item, Room]) -> None:
        self.items = [item for column in ranks.columns for item in column]
        self.block = {item: number for number, item in enumerate(self.items)}
        self.shift = dict.fromkeys(self.items, 0.0)
        self.joined: set[tuple[Item, str]] = set()
        self.stacked = [
            (upper, lower, room[upper].below + room[lower].above)
            for column in ranks.columns
            for upper, lower in zip(column, column[1:], strict=False)
        ]
        self.height: dict[int, float] = {}

    def join(self, before: Item, after: Item, port: float) -> None:
        """Make the line from ``before`` to a port of ``after`` straight, unless that bends another line."""
        if (before, "right") in self.joined or (after, "left") in self.joined:
            return
        old_block, old_shift = dict(self.block), dict(self.shift)
        moved, kept = self.block[after], self.block[before]
        move = self.shift[before] - port - self.shift[after]
        for item in self.items:
            if self.block[item] == moved:
                self.block[item] = kept
                self.shift[item] += move
        if self._in_order():
            self.joined |= {(before, "right"), (after, "left")}
        else:
            self.block, self.shift = old_block, old_shift

    def _in_order(self) -> bool:
        """Whether the blocks can be stacked: none is above itself."""
        try:
            self._stack_order()
        except CycleError:
            return False
        return True

    def _stack_order(self) -> list[int]:
        above: dict[int, set[int]] = {self.block[item]: set() for item in self.items}
        for upper, lower, _ in self.stacked:
            above[self.block[lower]].add(self.block[upper])
        return list(TopologicalSorter(above).static_order())

    def place(self, ports: Ports) -> None:
        """Between the highest and the lowest stacking, then pulled by the lines that are not straight."""
        order = self._stack_order()
        apart = [
            (self.block[upper], self.block[lower], needed + self.shift[upper] - self.shift[lower])
            for upper, lower, needed in self.stacked
        ]
        top = self._pushed(order, apart)
        bottom = {b: -y for b, y in self._pushed(order[::-1], [(lower, upper, n) for upper, lower, n in apart]).items()}
        low = max(top.values()) - max(bottom.values())
        self.height = {b: (top[b] + bottom[b] + low) / 2 for b in order}
        for turn in range(ROUNDS):
            for block in order if turn % 2 else order[::-1]:
                self._pull(block, apart, ports)

    def _pushed(self, order: list[int], apart: list[tuple[int, int, float]]) -> dict[int, float]:
        """Every block as near to the start as those before it let it."""
        height: dict[int, float] = {}
        for block in order:
            height[block] = max((height[u] + needed for u, below, needed in apart if below == block), default=0.0)
        return height

    def _pull(self, block: int, apart: list[tuple[int, int, float]], ports: Ports) -> None:
        """Move one block to the mean of where its lines would have it, as far as there is room."""
        wanted = []
        for (before, after), port in ports.items():
            start, end = self.block[before], self.block[after]
            if start != end and block in (start, end):
                way = self.shift[before] - self.shift[after] - port
                wanted.append(self.height[end] - way if block == start else self.height[start] + way)
        if not wanted:
            return
        highest = max((self.height[u] + needed for u, below, needed in apart if below == block), default=-1e9)
        lowest = min((self.height[below] - needed for u, below, needed in apart if u == block), default=1e9)
        self.height[block] = min(max(sum(wanted) / len(wanted), highest), lowest)

    def heights(self) -> dict[Item, float]:
        found = {item: round(self.height[self.block[item]] + self.shift[item]) for item in self.items}
        return {item: float(height) for item, height in found.items()}
