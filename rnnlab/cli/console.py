"""What verbs say, where it goes, and what they hand back.

Under ``--json`` stdout holds exactly one object, the Outcome's data; every line for people goes to stderr.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, TextIO

PLAIN_SECONDS = 10.0
"""Where no terminal is, a bar is a line of text as often as this."""
DRAWN_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Outcome:
    """data: what ``--json`` prints. exit_code: 0 done, 1 the work failed, 130 interrupted."""

    data: dict[str, Any]
    exit_code: int = 0


@dataclass(slots=True)
class Console:
    """Lines, tables and bars for people."""

    json: bool = False

    @property
    def stream(self) -> TextIO:
        return sys.stderr if self.json else sys.stdout

    @property
    def is_terminal(self) -> bool:
        """Whether lines may be drawn over again, because a person sees them on a screen."""
        return not self.json and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"

    def say(self, line: str = "") -> None:
        print(line, file=self.stream, flush=True)

    def write(self, text: str) -> None:
        """Text without an end of line, at once: for samples that appear as they are drawn."""
        print(text, end="", file=self.stream, flush=True)

    def table(self, rows: list[dict[str, Any]], title: str = "", widest: int | None = None) -> None:
        """Rows under their keys, in columns; numbers stand to the right. Nothing for no rows.

        Text of more than ``widest`` characters is cut; ``--json`` has it whole.
        """
        if not rows:
            return
        if title:
            self.say(title)
        for line in aligned(rows, widest):
            self.say(f"  {line}".rstrip())

    def confirmed(self, question: str) -> bool:
        """Ask at the terminal; only a ``y`` or ``yes`` means yes."""
        self.write(f"{question} [y/N] ")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def progress(self, title: str) -> Progress:
        """A bar on stderr for the length of a ``with`` block: ``bar(done, total, "loss 1.50")``."""
        return Progress(title, sys.stderr, sys.stderr.isatty())


def aligned(rows: list[dict[str, Any]], widest: int | None = None) -> list[str]:
    """A header and the rows, as lines of equally wide columns."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    cells = [[_text(row.get(key, ""), widest) for key in keys] for row in rows]
    widths = [max(len(line[i]) for line in [keys, *cells]) for i in range(len(keys))]
    right = [all(isinstance(row.get(key, 0), int | float) for row in rows) for key in keys]
    return [
        "  ".join(text.rjust(w) if r else text.ljust(w) for text, w, r in zip(line, widths, right, strict=True))
        for line in [keys, *cells]
    ]


def _text(value: Any, widest: int | None) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = "" if value is None else str(value)
    return text if widest is None or len(text) <= widest else f"{text[: widest - 3]}..."


@dataclass(slots=True)
class Progress:
    """A bar that is redrawn on a terminal, and a plain line now and then elsewhere."""

    title: str
    stream: TextIO
    terminal: bool
    clock: Callable[[], float] = time.monotonic
    started: float = field(init=False)
    shown: float = field(init=False)
    before: int = field(init=False, default=-1)
    """What was done already at the first call, which starts the clock: start-up and resumed steps do not count."""

    def __post_init__(self) -> None:
        self.started = self.shown = self.clock()

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Say how far it is: ``done`` of ``total``, and a few words more."""
        now = self.clock()
        if self.before < 0:
            self.before, self.started = done, now
        if now - self.shown < (DRAWN_SECONDS if self.terminal else PLAIN_SECONDS) and done < total:
            return
        self.shown = now
        line = f"{self.title} {done:,}/{total:,}{self._left(done, total, now)}{f'  {note}' if note else ''}"
        if self.terminal:
            filled = int(20 * done / max(total, 1))
            self.stream.write(f"\r\x1b[K[{'#' * filled}{'.' * (20 - filled)}] {line}")
        else:
            self.stream.write(f"{line}\n")
        self.stream.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.terminal and self.shown > self.started:
            self.stream.write("\r\x1b[K")
            self.stream.flush()

    def _left(self, done: int, total: int, now: float) -> str:
        if not self.before < done < total:
            return ""
        seconds = int((now - self.started) * (total - done) / (done - self.before))
        return f", {seconds // 60}:{seconds % 60:02} left"
