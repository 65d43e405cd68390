"""Sweeps of one user on one machine share its cores and GPUs: whoever trains a run claims them for as long as it lasts.

A claim is a lock on bytes of one file, so the system itself gives back what a killed driver held. The first stretch of
the file is for the cores, and one more for each GPU. In each stretch there are

    a byte for each unit        core k, or the k-th hundredth of a GPU: locked by the sweep that has it
    a byte for each number      k: locked by all sweeps that have k of these units and wait for more

Who holds more leaves a free unit to who holds fewer and waits: so nobody starves, however short the other's runs are.
"""

from __future__ import annotations

import fcntl
import os
import stat
import struct
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rnnlab.errors import RequestError

HUNDREDTHS = 100
"""Parts into which a GPU can be divided."""

_UNITS = 1024
_FLOCK = "hhqqi4x"
"""``struct flock`` of Linux: type, whence, start, length, process."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What one run holds. ``cores`` are numbered as the system does."""

    cores: tuple[int, ...]
    held: dict[int, list[int]]


class Claims:
    """The claims of one pool. Two pools exclude each other also within one process."""

    def __init__(self, path: Path | None = None, cores: Sequence[int] | None = None) -> None:
        """``path``: the file of locks (default: one for this user); ``cores``: those that may be claimed (default: all
        that this process may use)."""
        self._cores = sorted(os.sched_getaffinity(0)) if cores is None else list(cores)
        self._file = open(path or _path_of_user(), "a+b")  # noqa: SIM115 (it stays open as long as the claims last)
        self._held: dict[int, set[int]] = defaultdict(set)
        self._mark: int | None = None

    def take(self, cores: int, gpus: dict[int, int]) -> Claim | None:
        """So many cores, and of each GPU so many hundredths: all of it, or None while others hold too much of it."""
        claim = Claim((), {})
        for stretch, units, count in [
            (0, self._cores, cores),
            *((1 + g, range(HUNDREDTHS), n) for g, n in gpus.items()),
        ]:
            taken = self._take(stretch, units, count)
            if taken is None:
                self.give_back(claim)
                self._wait_for(stretch)
                return None
            claim.held[stretch] = taken
        self.wait_no_more()
        return Claim(tuple(claim.held[0]), claim.held)

    def give_back(self, claim: Claim) -> None:
        for stretch, units in claim.held.items():
            for unit in units:
                self._held[stretch].remove(unit)
                self._lock(fcntl.F_UNLCK, _byte(stretch, unit))

    def wait_no_more(self) -> None:
        """Nothing is wanted now: the others need not hold back."""
        if self._mark is not None:
            self._lock(fcntl.F_UNLCK, self._mark)
        self._mark = None

    def close(self) -> None:
        """Give back everything."""
        self._file.close()

    def _take(self, stretch: int, units: Sequence[int], count: int) -> list[int] | None:
        if count and self._is_awaited_by_poorer(stretch):
            return None
        taken: list[int] = []
        for unit in units:
            if len(taken) == count:
                break
            if unit not in self._held[stretch] and self._lock(fcntl.F_WRLCK, _byte(stretch, unit)):
                taken.append(unit)
                self._held[stretch].add(unit)
        if len(taken) < count:
            self.give_back(Claim((), {stretch: taken}))
            return None
        return taken

    def _wait_for(self, stretch: int) -> None:
        """Show that more is wanted. Several may hold the same mark: it is a lock for readers."""
        self.wait_no_more()
        self._mark = _byte(stretch, _UNITS + len(self._held[stretch]))
        self._lock(fcntl.F_RDLCK, self._mark)

    def _is_awaited_by_poorer(self, stretch: int) -> bool:
        held = len(self._held[stretch])
        if held == 0:
            return False
        asked = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, _byte(stretch, _UNITS), held, 0)
        kind, *_ = struct.unpack(_FLOCK, fcntl.fcntl(self._file, fcntl.F_OFD_GETLK, asked))
        return kind != fcntl.F_UNLCK

    def _lock(self, kind: int, byte: int) -> bool:
        """Whether it could be had. Locks of an open file, unlike those of a process, exclude its other openings too."""
        try:
            fcntl.fcntl(self._file, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, kind, os.SEEK_SET, byte, 1, 0))
        except BlockingIOError:
            return False
        return True


def _byte(stretch: int, unit: int) -> int:
    return 2 * _UNITS * stretch + unit


def _path_of_user() -> Path:
    """RequestError where the folder is not this user's alone: others could hold up his sweeps."""
    folder = Path(tempfile.gettempdir()) / f"rnnlab-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise RequestError(f"{folder}: it must be a folder that only its owner, user {os.getuid()}, can use; remove it")
    return folder / "slots.lock"
