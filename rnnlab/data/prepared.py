"""Prepared arrays in the cache: built once, whole or not at all, however many processes ask at once.

A prepared folder holds ``spec.json`` and ``.npy`` arrays. It is built under another name and renamed
when it is complete, so a folder that exists is a good one.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from rnnlab.data.places import locked, sync
from rnnlab.data.spec import DataSpec
from rnnlab.errors import WorkError

SPEC = "spec.json"


def stamp(paths: Iterable[Path], *recipe: object) -> str:
    """A key of 16 hex digits for raw files and what is made of them, without reading the files.

    It changes with a file's place, size or time of change, and with every value of ``recipe``.
    """
    digest = hashlib.sha256(repr(recipe).encode())
    for path in paths:
        state = path.stat()
        digest.update(f"\n{path.absolute()}\t{state.st_size}\t{state.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]


def read_spec(folder: Path) -> DataSpec | None:
    """The description of a prepared folder, or None where there is none yet."""
    path = folder / SPEC
    if not path.exists():
        return None
    try:
        return DataSpec.restore(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError) as error:
        raise WorkError(f"{path}: damaged ({error}); remove {folder} and ask again") from error


def prepare_once(folder: Path, build: Callable[[Path], DataSpec]) -> DataSpec:
    """The description of ``folder``, after ``build(empty folder)`` where it has not been built yet.

    Raises what ``build`` raises, and WorkError where the disk is full or the cache unwritable.
    """
    found = read_spec(folder)
    if found is not None:
        return found
    with locked(folder.with_name(f"{folder.name}.lock")):
        found = read_spec(folder)  # another process may have built it while this one waited
        return build_whole(folder, build) if found is None else found


def build_whole(folder: Path, build: Callable[[Path], DataSpec]) -> DataSpec:
    """Build under another name, push to the disk, rename. To be called under the folder's lock."""
    building = folder.with_name(f"{folder.name}.building")
    try:
        if building.exists():  # left behind by a process that was killed
            shutil.rmtree(building)
        building.mkdir()
        spec = build(building)
        text = json.dumps(spec.plain(), indent=1)
        (building / SPEC).write_text(text, encoding="utf-8")
        for file in building.iterdir():
            sync(file)
        os.replace(building, folder)
        sync(folder.parent)
    except OSError as error:
        raise WorkError(f"{folder}: cannot be prepared ({error.strerror or error})") from error
    finally:
        if building.exists():
            shutil.rmtree(building)
    return spec


def load(folder: Path, array: str) -> np.ndarray:
    """An array of a prepared folder, memory-mapped for reading (an empty array cannot be mapped)."""
    path = folder / f"{array}.npy"
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except (OSError, ValueError) as error:
        raise WorkError(f"{path}: damaged ({error}); remove {folder} and ask again") from error


def newest_spec(folder: Path) -> DataSpec | None:
    """The description of what was last prepared among the folders below ``folder``, or None."""
    specs = sorted(folder.glob(f"*/{SPEC}"), key=lambda path: path.stat().st_mtime_ns)
    return read_spec(specs[-1].parent) if specs else None
