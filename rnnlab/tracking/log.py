"""The writing end of a run's log: all that shall reach a tracking store is first a line of it.

So a run needs no network and no server, and every time stamp is that of the moment measured.
"""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from rnnlab.errors import RequestError, WorkError
from rnnlab.tracking.atomic import write_atomically, write_failed
from rnnlab.tracking.entries import Status, end_of_last_line, read_log
from rnnlab.tracking.folder import POINTS, RunFolder

# What MLflow accepts as the name of a metric, a tag or an artifact.
_KEY = re.compile(r"[\w\-. /:]{1,250}")


class RunLog:
    """The writing end; one process has it open at a time (it holds the folder's lock).

    Each call is one ``write`` to a local file. ``WorkError`` where the disk is full: then the line
    that did not fit is taken back, and the file remains whole.
    """

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.path = folder.path / POINTS
        self._file: io.FileIO | None = None
        self._size = 0
        self._steps: dict[str, set[int]] = {}
        self._started_before = False
        self._started = False
        self._finished: str | None = None

    def open(self) -> RunLog:
        """Open for appending: cut a torn last line, and learn which points are already there."""
        if self._file is not None:
            return self
        for entry in read_log(self.folder):
            self._remember(entry)
        try:
            self._file = io.FileIO(self.path, "a")
            self._size = end_of_last_line(self.path)
            self._file.truncate(self._size)
        except OSError as error:
            raise write_failed(self.path, error) from error
        return self

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> RunLog:
        return self.open()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(
        self,
        name: str,
        experiment: str,
        params: Mapping[str, Any],
        tags: Mapping[str, Any],
        parent: str | None = None,
    ) -> None:
        """Say that the run begins. ``parent`` is the id of the sweep that it belongs to.

        In a log that has a start already, the run goes on: a ``resume`` line is written instead, once.
        """
        if self._started:
            return
        if self._started_before:
            self._append({"kind": "resume", "time": _now()})
        else:
            self._append(
                {
                    "kind": "start",
                    "time": _now(),
                    "run_id": self.folder.id,
                    "name": name,
                    "experiment": experiment,
                    "params": _texts(params),
                    "tags": _texts(tags),
                    "parent": parent,
                }
            )
        self._started = True
        self._finished = None

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Log numbers measured at ``step``; what is already there under (key, step) is dropped."""
        fresh: dict[str, float] = {}
        for key, value in values.items():
            steps = self._steps.get(key)
            if steps is None:
                _check_key(key)
                steps = self._steps[key] = set()
            if step not in steps:
                fresh[key] = float(value)
        if fresh:
            self._append({"kind": "metric", "time": _now(), "step": int(step), "values": fresh})
            for key in fresh:
                self._steps[key].add(step)

    def tags(self, tags: Mapping[str, Any]) -> None:
        """Set tags; a later value replaces an earlier one."""
        for key in tags:
            _check_key(key)
        self._append({"kind": "tag", "time": _now(), "tags": _texts(tags)})

    def file(self, path_in_run_folder: str, artifact_path: str = "") -> None:
        """Hand a file of the run's folder to the store, to lie there in the folder ``artifact_path``."""
        if not (self.folder.path / path_in_run_folder).is_file():
            raise WorkError(f"run {self.folder.id}: has no file {path_in_run_folder!r} to hand on")
        self._append(
            {
                "kind": "file",
                "time": _now(),
                "path": path_in_run_folder,
                "artifact_path": artifact_path,
            }
        )

    def table(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Store columns of equal length as ``tables/<name>.csv``."""
        lengths = {key: len(column) for key, column in columns.items()}
        if len(set(lengths.values())) > 1:
            raise RequestError(f"table {name!r}: its columns differ in length: {lengths}")
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
        self._store(f"tables/{name}.csv", text.getvalue().encode())

    def figure(self, name: str, figure: Any) -> None:
        """Store a matplotlib figure as ``figures/<name>.png``."""
        picture = io.BytesIO()
        figure.savefig(picture, format="png", bbox_inches="tight")
        self._store(f"figures/{name}.png", picture.getvalue())

    def page(self, name: str, html: str) -> None:
        """Store a page that needs no other file as ``pages/<name>.html``."""
        self._store(f"pages/{name}.html", html.encode())

    def finish(self, status: Status | str) -> None:
        """Say how the run ended. A repeat is dropped; a run that was resumed ends anew."""
        status = Status(status)
        if self._finished != status.value:
            self._append({"kind": "finish", "time": _now(), "status": status.value})
            self._finished = status.value

    def _store(self, path_in_run_folder: str, content: bytes) -> None:
        _check_key(path_in_run_folder)
        path = self.folder.path / path_in_run_folder
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, content)
        self.file(path_in_run_folder, str(Path(path_in_run_folder).parent))

    def _remember(self, entry: dict[str, Any]) -> None:
        kind = entry["kind"]
        if kind == "metric":
            for key in entry["values"]:
                self._steps.setdefault(key, set()).add(entry["step"])
        elif kind == "start":
            self._started_before = True
        elif kind in ("resume", "finish"):
            self._finished = entry.get("status")

    def _append(self, entry: dict[str, Any]) -> None:
        assert self._file is not None, "open() the log first"
        line = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        try:
            written = self._file.write(line)
            while written < len(line):
                written += self._file.write(line[written:])
        except OSError as error:
            # A half-written line would be glued to the next one.
            self._file.truncate(self._size)
            raise write_failed(self.path, error) from error
        self._size += len(line)


def _now() -> int:
    return time.time_ns() // 1_000_000


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {str(key): str(value) for key, value in values.items()}


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise RequestError(f"{key!r}: a name has letters, digits and any of _-./: or a space, 250 at most")
