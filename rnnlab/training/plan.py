"""When things happen in a run: a pure function of step counts, so that a resumed run does the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """max_steps          windows in the whole run
    windows_per_epoch  windows in one pass over the data
    windows_per_chunk  most windows that one Lightning step takes
    val_every          windows between validations
    checkpoint_every   windows between checkpoints
    probe_at           steps at which the model is looked at, ascending
    """

    max_steps: int
    windows_per_epoch: int
    windows_per_chunk: int
    val_every: int
    checkpoint_every: int
    probe_at: tuple[int, ...] = ()

    def chunks(self, position: int) -> Iterator[range]:
        """The remaining windows in chunks, none of which crosses a validation, checkpoint, probe or epoch's end."""
        while position < self.max_steps:
            stop = min(
                position + self.windows_per_chunk,
                next_multiple(position, self.val_every),
                next_multiple(position, self.checkpoint_every),
                next_multiple(position, self.windows_per_epoch),
                next((step for step in self.probe_at if step > position), self.max_steps),
                self.max_steps,
            )
            yield range(position, stop)
            position = stop

    def validates_at(self, position: int) -> bool:
        return position == self.max_steps or position % self.val_every == 0

    def saves_at(self, position: int) -> bool:
        return position == self.max_steps or position % self.checkpoint_every == 0

    def probes_at(self, position: int) -> bool:
        return position in self.probe_at


def next_multiple(position: int, step: int) -> int:
    """The first multiple of ``step`` above ``position``."""
    return (position // step + 1) * step
