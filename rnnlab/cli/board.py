"""How a sweep looks to people: on a terminal a picture of the moment below the lines, elsewhere the lines."""

from __future__ import annotations

import argparse
import sys
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from rnnlab.cli.console import Console
from rnnlab.cli.picture import picture
from rnnlab.cli.report import REPORT
from rnnlab.errors import RequestError
from rnnlab.sweep.watching import Snapshot, Watcher, watched_by
from rnnlab.tracking.folder import RESULT, RunFolder

if TYPE_CHECKING:
    from rich.live import Live

    from rnnlab.sweep.forecast import Forecast

REDRAW_SECONDS = 0.125


def add_yes(parser: argparse.ArgumentParser) -> None:
    """The flag that answers the question beforehand."""
    parser.add_argument("-y", "--yes", action="store_true", help="start a sweep without asking, however large it is")


@contextmanager
def watching(console: Console, yes: bool) -> Iterator[Watcher]:
    """The watcher for where this console writes; it looks at the sweeps of the block. ``yes``: it asks nothing."""
    if not console.is_terminal:
        lines = Lines(console, yes)
        with watched_by(lines):
            yield lines
        return
    with Board(console, yes) as board, watched_by(board):
        yield board


class Lines:
    """The watcher of pipes and of ``--json``: it cannot ask, and shows what stays."""

    def __init__(self, console: Console, yes: bool) -> None:
        self.console = console
        self.yes = yes

    def say(self, line: str) -> None:
        self.console.say(line)

    def show(self, snapshot: Snapshot) -> None:
        pass

    def agree(self, forecast: Forecast) -> bool:
        """RequestError for a large sweep that nobody has agreed to."""
        if self.yes or not forecast.is_large:
            return True
        raise RequestError(f"the sweep is large ({forecast.line}); --yes starts it without a question")

    def concluded(self, folder: Path) -> list[str]:
        """Writes the sweep's page, once the sweep has come to its end."""
        if not (folder / RESULT).exists():
            return []
        from rnnlab.analysis.sweeps import read_sweep
        from rnnlab.report.page import write_report

        write_report([read_sweep(RunFolder(folder))], folder / REPORT)
        return [REPORT]


class Board(Lines):
    """The watcher of a terminal. Use it as a context manager: its end clears the picture.

    A thread draws, the newest snapshot only, so that the sweep never waits for a terminal. It begins with
    the first snapshot: a question before that has the screen for itself.
    """

    def __init__(self, console: Console, yes: bool) -> None:
        super().__init__(console, yes)
        self._said: deque[str] = deque()
        self._newest: Snapshot | None = None
        self._news, self._over = threading.Event(), threading.Event()
        self._drawer = threading.Thread(target=self._draw, name="board", daemon=True)

    def say(self, line: str) -> None:
        if not self._drawer.is_alive():
            super().say(line)
            return
        self._said.append(line)
        self._news.set()

    def show(self, snapshot: Snapshot) -> None:
        if snapshot == self._newest:
            return
        self._newest = snapshot
        self._news.set()
        if self._drawer.ident is None:
            self._drawer.start()

    def agree(self, forecast: Forecast) -> bool:
        if self.yes or not forecast.is_large or not sys.stdin.isatty():
            return super().agree(forecast)
        return self.console.confirmed("Start?")

    def __enter__(self) -> Board:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._news.set()
        if self._drawer.ident is not None:
            self._drawer.join()
        while self._said:
            super().say(self._said.popleft())

    def _draw(self) -> None:
        from rich.console import Console as Terminal
        from rich.live import Live

        terminal = Terminal(file=self.console.stream)
        with Live(console=terminal, auto_refresh=False, transient=True) as live:
            terminal.show_cursor()  # so that there is nothing to put right after a kill
            over = False
            while not over:
                self._news.wait()
                self._news.clear()
                self._redraw(live)
                over = self._over.wait(REDRAW_SECONDS)

    def _redraw(self, live: Live) -> None:
        """Lines first, all in one piece: they push the picture down."""
        assert self._newest is not None
        said = [self._said.popleft() for _ in range(len(self._said))]
        live.update(picture(self._newest, *live.console.size))
        if said:
            live.console.print("\n".join(said), markup=False, highlight=False, soft_wrap=True)
        else:
            live.refresh()
