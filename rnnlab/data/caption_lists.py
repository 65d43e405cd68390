"""The lists that come with photographs: which picture is in which split, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rnnlab.data.spec import SPLITS
from rnnlab.errors import RequestError


@dataclass(frozen=True, slots=True)
class Described:
    """A picture's file inside the folder, and sentences about it as people wrote them."""

    file: str
    sentences: tuple[str, ...]


def inside(folder: Path, name: str) -> Path:
    """The file of that name in a folder. RequestError where the name leads out of it."""
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise RequestError(f"{folder}: a list names {name!r}, which is not inside the folder")
    return path


def first_folder(folder: Path, names: Sequence[str]) -> str:
    """The first of these folders that is there. RequestError where none is."""
    for name in names:
        if (folder / name).is_dir():
            return name
    raise RequestError(f"{folder}: the pictures are missing; they are looked for in {', '.join(names)}")


def read_json(path: Path) -> dict[str, Any]:
    """An object out of a file. RequestError where the file is something else."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RequestError(f"{path}: not JSON ({' '.join(str(error).split())})") from error
    if not isinstance(found, dict):
        raise RequestError(f"{path}: not a JSON object")
    return found


def karpathy_split(path: Path, folder_of: Mapping[str, str] | str) -> dict[str, list[Described]]:
    """The splits of Karpathy & Fei-Fei (2015): dataset_flickr8k.json, dataset_coco.json.

    ``folder_of``: where the pictures lie, or where those lie that an entry's "filepath" names. What is called
    "restval" is trained on too. RequestError where an entry lacks something.
    """
    found: dict[str, list[Described]] = {name: [] for name in SPLITS}
    try:
        for entry in read_json(path)["images"]:
            folder = folder_of if isinstance(folder_of, str) else folder_of[entry["filepath"]]
            sentences = tuple(str(sentence["raw"]) for sentence in entry["sentences"])
            split = "train" if entry["split"] == "restval" else entry["split"]
            found[split].append(Described(f"{folder}/{entry['filename']}", sentences))
    except (KeyError, TypeError) as error:
        raise RequestError(f"{path}: not a split as Karpathy published them ({error!r})") from error
    return found
