"""The picture of a sweep at one moment, as wide as the terminal:

sweep 1c26d160  ━━━━━━━━━━━━━━╺━━━━━━━━━━━━━━  12 of 24 runs, about 3 min left
9 complete, 2 pruned, 1 failed, 10 waiting
best so far: best/val_loss 1.432  cell=lstm stack.depth=2 seed=1
0  cell=lstm stack.depth=3 seed=1   ━━━━╸━━━━━   45 %   83 s  1.502
1  cell=gru stack.depth=1 seed=1    ╸━━━━━━━━━    5 %    4 s
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnlab.sweep.base import PLACES
from rnnlab.sweep.watching import SlotView, Snapshot, duration

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST_SLOTS = 16
"""So many slots have a line of their own, where the terminal is high enough."""
WIDE = 90
"""Columns from which on there is room for the runs' ids."""
ECHO = "^C^C"
"""What a terminal itself may write behind the picture: with room for it, the next picture still covers this one."""


def picture(snapshot: Snapshot, width: int, height: int) -> RenderableType:
    """A sweep at one moment, for a terminal of this many columns and lines."""
    from rich.console import Group
    from rich.constrain import Constrain
    from rich.text import Text

    counts = [f"{count} {state}" for state, count in snapshot.counts.items() if count]
    lines = [", ".join([*counts, f"{snapshot.waiting} waiting"])]
    if snapshot.note:
        lines[0] += f"; {snapshot.note}"
    if snapshot.best is not None:
        lines.append(f"best so far: {snapshot.metric} {snapshot.best:.4g}  {snapshot.best_title}")
    shown = snapshot.slots[: max(1, min(MOST_SLOTS, height - 6))]
    parts: list[RenderableType] = [_header(snapshot)]
    parts += [Text(line, no_wrap=True, overflow="ellipsis") for line in lines]
    parts.append(_slots(shown, width))
    rest = snapshot.slots[len(shown) :]
    if rest:
        busy = sum(slot is not None for slot in rest)
        parts.append(Text(f"and {len(rest)} more slots, {busy} of them busy", style="dim"))
    return Constrain(Group(*parts), width - len(ECHO))


def _header(snapshot: Snapshot) -> RenderableType:
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    left = "" if snapshot.seconds_left is None else f", about {duration(snapshot.seconds_left)} left"
    header = Table.grid(padding=(0, 2, 0, 0), expand=True)
    header.add_column(no_wrap=True, style="bold")
    header.add_column(ratio=1)
    header.add_column(no_wrap=True, justify="right")
    bar = ProgressBar(max(1, snapshot.total), snapshot.ended)
    header.add_row(f"sweep {snapshot.sweep_id}", bar, f"{snapshot.ended} of {snapshot.total} runs{left}")
    return header


def _slots(slots: tuple[SlotView | None, ...], width: int) -> RenderableType:
    """One line a slot: number, run, title, bar over the budget, seconds, metric."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    wide = width >= WIDE
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    table.add_column(justify="right", no_wrap=True, style="dim")
    table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
    table.add_column(width=PLACES if wide else PLACES // 2)
    for _ in ("share", "since", "value"):
        table.add_column(justify="right", no_wrap=True)
    for number, slot in enumerate(slots):
        if slot is None:
            table.add_row(str(number), Text("idle", style="dim"))
            continue
        title = f"{slot.run_id}  {slot.title}" if wide else slot.title
        bar = ProgressBar(PLACES, slot.place)
        value = "" if slot.value is None else f"{slot.value:.4g}"
        table.add_row(str(number), Text(title), bar, f"{5 * slot.place} %", duration(slot.since), value)
    return table
