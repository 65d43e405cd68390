"""The entries of a run's log, ``points.jsonl``, and how they are read.

One line is one JSON object with ``kind`` and ``time`` (milliseconds since 1970):

    start   run_id, name, experiment, params, tags, parent     once, the first line
    resume                                                     the run goes on after an interruption
    metric  step, values: {key: number}
    tag     tags: {key: text}
    file    path (inside the run's folder), artifact_path
    finish  status

NaN and infinity are written as Python spells them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from rnnlab.errors import WorkError
from rnnlab.tracking.folder import POINTS, RunFolder


class Status(str, Enum):
    """How a run ended, in MLflow's words."""

    FINISHED = "FINISHED"
    FAILED = "FAILED"
    KILLED = "KILLED"


def decode_line(line: bytes, where: str) -> dict[str, Any]:
    """One line of a log. ``WorkError`` naming ``where`` if it is no JSON object."""
    try:
        entry = json.loads(line)
    except ValueError as error:
        raise WorkError(f"{where}: is damaged: {error}") from error
    if not isinstance(entry, dict) or "kind" not in entry:
        raise WorkError(f"{where}: is damaged: not an entry of a run's log")
    return entry


def read_log(folder: RunFolder) -> Iterator[dict[str, Any]]:
    """The entries of a run's log in order; a torn last line is left out. May be read while written.

    ``WorkError`` naming file and line where anything before it is damaged.
    """
    path = folder.path / POINTS
    if not path.exists():
        return
    with open(path, "rb") as file:
        for number, line in enumerate(file, start=1):
            if line.endswith(b"\n"):
                yield decode_line(line, f"{path} line {number}")


def read_points(folder: RunFolder, key: str) -> tuple[list[int], list[float]]:
    """Steps and values of one metric, in the order in which they were logged."""
    found = [
        (entry["step"], entry["values"][key])
        for entry in read_log(folder)
        if entry["kind"] == "metric" and key in entry["values"]
    ]
    return [step for step, _ in found], [value for _, value in found]


def end_of_last_line(path: Path) -> int:
    """Bytes up to and with the last line end: what a kill in the middle of a write leaves whole."""
    block = 1 << 16
    with open(path, "rb") as file:
        end = file.seek(0, os.SEEK_END)
        while end > 0:
            start = max(0, end - block)
            file.seek(start)
            newline = file.read(end - start).rfind(b"\n")
            if newline >= 0:
                return start + newline + 1
            end = start
    return 0
