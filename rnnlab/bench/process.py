"""Commands run in a fresh folder, as a user would: their time, their end, and the memory of all their processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from rnnlab.errors import WorkError

SAMPLE_SECONDS = 0.2
STDERR = "stderr.txt"
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PARENT, _RESIDENT = 1, 21
"""Fields of /proc/<pid>/stat, counted from the process's state, which follows its name."""


@dataclass(frozen=True, slots=True)
class Measured:
    """started: seconds since 1970. wall_s: until its process ended. peak_bytes: the most that it and all
    processes under it had in memory at once, pages that they share counted for each.
    """

    started: float
    wall_s: float
    peak_bytes: int


def measure(command: list[str], place: Path, environment: dict[str, str]) -> Measured:
    """Run a command to its end. WorkError with its last words where it fails."""
    peak = 0
    with open(place / STDERR, "wb") as stderr:
        started, clock = time.time(), time.perf_counter()
        process = subprocess.Popen(command, cwd=place, env=environment, stdout=subprocess.DEVNULL, stderr=stderr)
        while process.returncode is None:
            try:
                process.wait(SAMPLE_SECONDS)
            except subprocess.TimeoutExpired:
                peak = max(peak, resident_bytes(process.pid))
        wall = time.perf_counter() - clock
    if process.returncode != 0:
        raise WorkError(f"{' '.join(command[:4])} ... ended with exit code {process.returncode}: {last_words(place)}")
    return Measured(started, wall, peak)


def last_words(place: Path) -> str:
    """The last line that a command wrote to stderr that names an error, else the last one."""
    lines = (place / STDERR).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    errors = [line for line in lines if "Error" in line]
    return (errors or lines or ["it said nothing"])[-1]


def environment(place: Path) -> dict[str, str]:
    """This process's, with run folders below ``place``, this checkout, and one thread for everybody."""
    kept = {key: value for key, value in os.environ.items() if key not in ("MLFLOW_TRACKING_URI", "RNNLAB_PLUGINS")}
    paths = [str(Path(__file__).parent.parent.parent), os.environ.get("PYTHONPATH", "")]
    mine = {
        "RNNLAB_RUNS": str(place / "runs"),
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
    }
    return kept | mine


def rnnlab(*words: str) -> list[str]:
    """The command line of this checkout."""
    return [sys.executable, "-m", "rnnlab", *words]


def resident_bytes(root: int) -> int:
    """What a process and all its descendants have in memory now."""
    return _PAGE * sum(family(root).values())


def family(root: int) -> dict[int, int]:
    """A process and all its descendants, with the pages that each has in memory now."""
    children, pages = defaultdict[int, list[int]](list), dict[int, int]()
    for entry in os.scandir("/proc"):
        fields = _stat(entry) if entry.name.isdigit() else []
        if fields:
            children[int(fields[_PARENT])].append(int(entry.name))
            pages[int(entry.name)] = int(fields[_RESIDENT])
    found = [root]
    for process in found:
        found += children[process]
    return {process: pages.get(process, 0) for process in found}


def _stat(process: os.DirEntry[str]) -> list[str]:
    """Its fields from the state on; none for a process that has gone in the meantime."""
    try:
        return Path(process.path, "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []
