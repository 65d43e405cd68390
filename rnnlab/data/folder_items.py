"""Labelled texts in a folder: a folder for each class with a file for each item, or a file for each class."""

from __future__ import annotations

from pathlib import Path

from rnnlab.errors import RequestError

PATTERN = "*.txt"


def files_by_class(folder: Path) -> dict[str, list[Path]]:
    """{class: its files}, sorted: a folder's files below it, or one list.

    Raises RequestError where there is neither, or both, or a folder without a file.
    """
    inner = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    lists = sorted(path for path in folder.glob(PATTERN) if path.is_file())
    if inner and lists:
        raise RequestError(
            f"data.path = {str(folder)!r}: it has folders ({inner[0].name}, ...) and {PATTERN} files ({lists[0].name},"
            " ...); give either a folder for each class or a file for each class"
        )
    found = {path.name: sorted(file for file in path.rglob(PATTERN) if file.is_file()) for path in inner}
    for name, files in found.items():
        if not files:
            raise RequestError(f"data.path = {str(folder)!r}: class {name!r} has no {PATTERN} file in its folder")
    found |= {path.stem: [path] for path in lists}
    if len(found) < 2:
        raise RequestError(
            f"data.path = {str(folder)!r}: it holds {len(found)} {'class' if len(found) == 1 else 'classes'}; at least"
            f" 2 are needed, each a folder of {PATTERN} files or one such file with an item on each line"
        )
    return found


def texts_in(folder: Path, most: int) -> tuple[list[str], list[str]]:
    """The texts, their first ``most`` characters, and the class of each. Raises RequestError for an empty one."""
    lists = not any(path.is_dir() for path in folder.iterdir() if not path.name.startswith("."))
    texts, labels = [], []
    for name, files in files_by_class(folder).items():
        for file in files:
            content = read(file)
            items = [line.strip() for line in content.splitlines() if line.strip()] if lists else [content]
            texts += [item[:most] for item in items]
            labels += [name] * len(items)
    return texts, labels


def read(file: Path) -> str:
    """A file's text without the space around it. Raises RequestError where it is empty or not UTF-8."""
    try:
        content = file.read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise RequestError(f"{file}: not UTF-8 (byte {error.start:,})") from error
    if not content:
        raise RequestError(f"{file}: the file is empty; remove it, or put a text into it")
    return content
