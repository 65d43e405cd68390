"""What a lesson is: a part of the lecture, computed anew each time, with what to look at and what to try next."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import ClassVar

from rnnlab.lessons.blocks import Block

Bar = Callable[[int, int, str], None]
"""(done, of, a few words): how far a part of a lesson is."""
Progress = Callable[[str], AbstractContextManager[Bar]]


def silent(title: str) -> AbstractContextManager[Bar]:
    """A bar that nobody sees."""
    return nullcontext(lambda done, of, note: None)


@dataclass(frozen=True, slots=True)
class Try:
    """A command, ``rnnlab ...``, and what it shows."""

    command: str
    why: str


class Lesson(ABC):
    """One part of the lecture, in a module of its name whose docstring begins with its line in the list.

    ``run`` computes and tells. It needs no network, and takes less than three minutes on two cores; with ``quick``
    the same is done with smaller numbers, in seconds.
    """

    title: ClassVar[str]
    place: ClassVar[int]
    """Where it stands in the lecture: lessons are listed in this order."""
    look: ClassVar[tuple[str, ...]]
    """What to look at."""
    next: ClassVar[tuple[Try, ...]]

    def __init__(self, quick: bool = False, progress: Progress = silent) -> None:
        self.quick = quick
        self.progress = progress

    def sized(self, full: int, quick: int) -> int:
        """A number that says how much is computed."""
        return quick if self.quick else full

    @abstractmethod
    def run(self) -> Iterator[Block]:
        """The lesson, block by block, as it is computed."""
