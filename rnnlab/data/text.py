"""Your own text: a file, or a folder of files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rnnlab.data.symbols import Unit
from rnnlab.data.text_stream import TextStream
from rnnlab.errors import RequestError, did_you_mean

HEAD = 8192  # bytes that are looked at to tell text from binary files, as git does


class Text(TextStream):
    """``data=text data.path=...``: any file, or all files below a folder, each a document.

    Of a folder, the files that match ``pattern`` are taken, sorted by path. Hidden files, empty
    files, and (for characters) binary files are skipped. Split 90/5/5.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(TextStream.Config):
        """path: a file or folder. pattern: which names below a folder are taken, e.g. ``*.txt``."""

        path: str = ""
        pattern: str = "*"

    licence = "your own"
    source = "data.path=FILE or FOLDER"
    config: Config

    def files(self) -> list[Path]:
        """See ``TextStream.files``. Raises RequestError where there is no such file, or no text in it."""
        if not self.config.path:
            raise RequestError("data.path = '': data=text needs a file or folder, e.g. data.path=notes.txt")
        path = Path(self.config.path).expanduser().absolute()
        if path.is_dir():
            return self.files_below(path)
        if not path.exists():
            raise RequestError(f"data.path = {self.config.path!r}: no such file or folder{nearest(path)}")
        if not path.is_file():
            raise RequestError(f"data.path = {self.config.path!r}: neither a file nor a folder")
        if path.stat().st_size == 0:
            raise RequestError(f"data.path = {self.config.path!r}: the file is empty; name one that has text")
        return [path]

    def files_below(self, folder: Path) -> list[Path]:
        """The files of text below a folder, sorted by their path."""
        chosen = [
            path
            for path in sorted(folder.rglob(self.config.pattern))
            if path.is_file() and not is_hidden(path.relative_to(folder)) and self.has_text(path)
        ]
        if not chosen:
            raise RequestError(
                f"data.path = {self.config.path!r}: no file of text below this folder"
                f" matches data.pattern = {self.config.pattern!r}"
            )
        return chosen

    def has_text(self, path: Path) -> bool:
        """Whether a file is not empty and, for characters, does not look binary."""
        with path.open("rb") as file:
            head = file.read(HEAD)
        return bool(head) and (self.config.unit is Unit.byte or b"\0" not in head)


def is_hidden(path: Path) -> bool:
    """Whether a part of a relative path starts with a dot."""
    return any(part.startswith(".") for part in path.parts)


def nearest(path: Path) -> str:
    """The hint at a name that does exist beside a missing one."""
    if not path.parent.is_dir():
        return f" ({path.parent} does not exist)"
    return did_you_mean(path.name, (entry.name for entry in path.parent.iterdir()))
