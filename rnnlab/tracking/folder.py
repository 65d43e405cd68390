"""Where a run lives on disk: ``<runs>/<id>/``, its files, its lock, and how a person refers to it."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

import yaml

from rnnlab.errors import RequestError, WorkError, did_you_mean
from rnnlab.tracking.atomic import write_atomically

CONFIG = "config.yaml"
ENVIRONMENT = "environment.json"
POINTS = "points.jsonl"
RESULT = "result.json"
LAST_CHECKPOINT = "last.ckpt"
BEST_CHECKPOINT = "best.ckpt"
LOCK = "lock"
SWEEPS = "sweeps"

_ID_BYTES = 4
_MOST_NAMED = 6


def runs_root() -> Path:
    """The folder that holds all runs: ``$RNNLAB_RUNS``, or ``runs`` in the working directory."""
    return Path(os.environ.get("RNNLAB_RUNS") or "runs").absolute()


@dataclass(frozen=True)
class RunFolder:
    """One run's folder. Holds no open file; equal folders are equal objects."""

    path: Path

    @property
    def id(self) -> str:
        return self.path.name

    @classmethod
    def create(cls, id: str | None = None, *, root: Path | None = None) -> RunFolder:
        """Make the folder of a new run, and nothing in it.

        ``id`` is drawn at random (8 hexadecimal digits) where none is given; a given one must be
        free. ``root`` is ``runs_root()`` where none is given. ``RequestError`` where it cannot be made.
        """
        root = runs_root() if root is None else root
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritable(root, error) from error
        while True:
            path = root / (id or secrets.token_hex(_ID_BYTES))
            try:
                path.mkdir()
            except FileExistsError as error:
                if id is None:
                    continue
                raise RequestError(f"{path}: exists already; choose another id") from error
            except OSError as error:
                raise _unwritable(root, error) from error
            return cls(path)

    @classmethod
    def find(cls, reference: str) -> RunFolder:
        """The run meant by an id, a unique prefix of one, a run's name, ``last`` or ``best``.

        ``best`` is the run with the lowest ``best/val_loss`` of all that are done. ``RequestError``
        where there is none, or several.
        """
        runs = list_runs()
        if not runs:
            raise RequestError(f"run {reference!r}: there are no runs in {runs_root()}")
        if reference == "last":
            return runs[-1]
        if reference == "best":
            return _best(runs)
        for run in runs:
            if run.id == reference:
                return run
        return _only_match(reference, runs)

    @property
    def created(self) -> float:
        """Seconds since 1970: as recorded in environment.json, else the folder's own time."""
        if (self.path / ENVIRONMENT).exists():
            recorded = self.read_json(ENVIRONMENT).get("created")
            if recorded is not None:
                return datetime.fromisoformat(recorded).timestamp()
        return self.path.stat().st_mtime

    @property
    def checkpoint(self) -> Path:
        """Where the last checkpoint lies, or will lie."""
        return self.path / LAST_CHECKPOINT

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the run for writing. ``RequestError`` at once where another process holds it.

        The system frees the lock when its process dies, however it dies.
        """
        with self._open_lock() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.seek(0)
                holder = file.read().strip() or "another process"
                raise RequestError(f"run {self.id} is being written by {holder}") from error
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n")
            file.flush()
            yield

    def is_locked(self) -> bool:
        """Whether some process is writing this run now."""
        if not (self.path / LOCK).exists():
            return False
        with open(self.path / LOCK, encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False

    def write_json(self, name: str, value: Any) -> None:
        """Write ``<folder>/<name>`` atomically. NaN and infinity are kept as Python spells them."""
        write_atomically(self.path / name, (json.dumps(value, indent=2) + "\n").encode())

    def read_json(self, name: str) -> Any:
        """Read ``<folder>/<name>``. ``RequestError`` where absent, ``WorkError`` where damaged."""
        text = self._text(name)
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            raise WorkError(f"{self.path / name}: is damaged: {error}") from error

    def result(self) -> dict[str, Any] | None:
        """What the run ended with, or None while it is not done. This file alone says it is done."""
        return self.read_json(RESULT) if (self.path / RESULT).exists() else None

    def config(self) -> dict[str, Any]:
        """The whole configuration, as plain values. Nothing that it names is imported or run."""
        try:
            return yaml.safe_load(self._text(CONFIG)) or {}
        except yaml.YAMLError as error:
            line = " ".join(str(error).split())
            raise WorkError(f"{self.path / CONFIG}: is damaged: {line}") from error

    def is_named(self, name: str) -> bool:
        """Whether the run was given this ``run_name``."""
        if not (self.path / CONFIG).exists():
            return False
        # Most files are ruled out by a text search, a hundred times faster than reading YAML.
        return name in self._text(CONFIG) and self.config().get("run_name") == name

    def _open_lock(self) -> TextIO:
        try:
            return open(self.path / LOCK, "a+", encoding="utf-8")
        except OSError as error:
            raise RequestError(f"run {self.id} cannot be written: {error.strerror}: {self.path}") from error

    def _text(self, name: str) -> str:
        path = self.path / name
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise RequestError(f"run {self.id}: has no {name} in {self.path}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise WorkError(f"{path}: cannot be read: {error}") from error


def list_runs() -> list[RunFolder]:
    """All runs under ``runs_root()``, the oldest first."""
    root = runs_root()
    if not root.is_dir():
        return []
    folders = [RunFolder(path) for path in root.iterdir() if path.is_dir() and _is_run(path)]
    return sorted(folders, key=lambda run: (run.created, run.id))


def _unwritable(root: Path, error: OSError) -> RequestError:
    reason = error.strerror
    return RequestError(f"{root}: no run can be written there: {reason}; set RNNLAB_RUNS to another folder")


def _is_run(path: Path) -> bool:
    return path.name != SWEEPS and not path.name.startswith(".")


def _best(runs: list[RunFolder]) -> RunFolder:
    losses: list[tuple[float, RunFolder]] = []
    for run in runs:
        loss = ((run.result() or {}).get("metrics") or {}).get("best/val_loss")
        if loss is not None and loss == loss:  # a NaN is no best
            losses.append((loss, run))
    if not losses:
        raise RequestError(f"run 'best': no run in {runs_root()} has a best/val_loss yet")
    return min(losses, key=lambda entry: entry[0])[1]


def _only_match(reference: str, runs: list[RunFolder]) -> RunFolder:
    prefixed = [run for run in runs if run.id.startswith(reference)]
    matches = prefixed or [run for run in runs if run.is_named(reference)]
    if len(matches) == 1:
        return matches[0]
    if matches:
        named = ", ".join(run.id for run in matches[:_MOST_NAMED])
        more = f" and {len(matches) - _MOST_NAMED} more" if len(matches) > _MOST_NAMED else ""
        raise RequestError(f"run {reference!r}: is ambiguous: {named}{more}")
    hint = did_you_mean(reference, [run.id for run in runs])
    raise RequestError(f"run {reference!r}: no such run in {runs_root()}{hint}; `rnnlab ls runs` lists them")
