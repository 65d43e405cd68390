"""Which column each node of a diagram stands in, and in which order within it.

A layered drawing (Sugiyama, Tagawa & Toda 1981): columns by the longest path, a *lane* wherever a connection
passes a column, and an order that lets few connections cross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

SWEEPS = 24


@dataclass(frozen=True, slots=True)
class Item:
    """What takes up room in a column: a node, or a lane on which what ``node`` gives passes the column."""

    node: int
    rank: int
    is_lane: bool


@dataclass(slots=True)
class Ranks:
    """columns: the items of each, from top to bottom. follows: item -> the items it leads to in the next column."""

    columns: list[list[Item]]
    follows: dict[Item, list[Item]] = field(default_factory=dict)

    def precedes(self) -> dict[Item, list[Item]]:
        """item -> the items that lead to it, from top to bottom of their column."""
        found: dict[Item, list[Item]] = {item: [] for column in self.columns for item in column}
        for column in self.columns:
            for item in column:
                for after in self.follows[item]:
                    found[after].append(item)
        return found


def ranked(count: int, edges: Sequence[tuple[int, int]], last: Sequence[int]) -> Ranks:
    """Columns for ``count`` nodes, whose edges lead from smaller numbers to larger; ``last`` stand at the end."""
    rank = [0] * count
    for source, target in sorted(edges, key=lambda edge: edge[1]):
        rank[target] = max(rank[target], rank[source] + 1)
    end = max(rank)
    for node in last:
        rank[node] = end
    ranks = Ranks([[] for _ in range(end + 1)])
    for node in range(count):
        _add_with_lanes(ranks, node, rank, [target for source, target in edges if source == node])
    _order(ranks)
    return ranks


def _add_with_lanes(ranks: Ranks, node: int, rank: Sequence[int], targets: Sequence[int]) -> None:
    """A node, and one lane for each column that any of its connections passes."""
    item = Item(node, rank[node], False)
    ranks.columns[rank[node]].append(item)
    farthest = max((rank[target] for target in targets), default=0)
    while True:
        after = [Item(target, rank[target], False) for target in dict.fromkeys(targets)]
        ranks.follows[item] = [other for other in after if other.rank == item.rank + 1]
        if item.rank + 1 >= farthest:
            return
        lane = Item(node, item.rank + 1, True)
        ranks.follows[item].append(lane)
        ranks.columns[lane.rank].append(lane)
        item = lane


def _order(ranks: Ranks) -> None:
    """Order the columns by the means of their neighbours, back and forth, and keep the best order met."""
    best, least = [list(column) for column in ranks.columns], cost(ranks)
    for sweep in range(SWEEPS):
        forward = sweep % 2 == 0
        neighbours = ranks.precedes() if forward else ranks.follows
        place = {item: i for column in ranks.columns for i, item in enumerate(column)}
        for column in ranks.columns if forward else ranks.columns[::-1]:
            column.sort(key=lambda item: _mean([place[other] for other in neighbours[item]], place[item]))
            place |= {item: i for i, item in enumerate(column)}
        _swap_neighbours(ranks)
        if (now := cost(ranks)) < least:
            best, least = [list(column) for column in ranks.columns], now
    ranks.columns = best


def _swap_neighbours(ranks: Ranks) -> None:
    """Exchange two that stand one above the other wherever that costs less."""
    least = cost(ranks)
    for column in ranks.columns:
        for i in range(len(column) - 1):
            column[i], column[i + 1] = column[i + 1], column[i]
            if (now := cost(ranks)) < least:
                least = now
            else:
                column[i], column[i + 1] = column[i + 1], column[i]


def cost(ranks: Ranks) -> tuple[int, float]:
    """How many pairs of connections cross between neighbouring columns; and how far they rise or fall."""
    crossings, steepness = 0, 0.0
    for column, after in zip(ranks.columns, ranks.columns[1:], strict=False):
        place = {item: i for i, item in enumerate(after)}
        lines = [(i, place[other]) for i, item in enumerate(column) for other in ranks.follows[item]]
        crossings += sum((a - c) * (b - d) < 0 for k, (a, b) in enumerate(lines) for c, d in lines[:k])
        steepness += sum(abs((a + 0.5) / len(column) - (b + 0.5) / len(after)) for a, b in lines)
    return crossings, steepness


def _mean(places: Sequence[int], otherwise: int) -> float:
    return sum(places) / len(places) if places else float(otherwise)
