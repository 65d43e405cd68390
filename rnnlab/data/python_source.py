"""Python's own standard library: real source code on every machine that runs Python."""

from __future__ import annotations

import sysconfig
import tokenize
from dataclasses import dataclass
from pathlib import Path

from rnnlab.config.schema import require
from rnnlab.data.text_stream import TextStream
from rnnlab.errors import RequestError


class PythonSource(TextStream):
    """The top-level modules of the standard library, sorted by name, each a document.

    Whole files are taken until the next would exceed ``max_bytes``. Files that declare an encoding
    other than UTF-8 are left out. The text differs between versions of Python: the fingerprint says
    which it is. Split 90/5/5.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(TextStream.Config):
        """max_bytes: how much of the library is taken."""

        max_bytes: int = 2_000_000

        def __post_init__(self) -> None:
            TextStream.Config.__post_init__(self)
            require(self.max_bytes >= 1, "data.max_bytes", self.max_bytes, "it must be at least 1")

    licence = "PSF-2.0"
    source = "the standard library of this Python (top-level modules)"
    config: Config

    @classmethod
    def place(cls) -> Path | None:
        return Path(sysconfig.get_paths()["stdlib"])

    def files(self) -> list[Path]:
        """See ``TextStream.files``. Raises RequestError where not even the first file fits."""
        folder = Path(sysconfig.get_paths()["stdlib"])
        modules = sorted(path for path in folder.glob("*.py") if is_utf8(path))
        if not modules:
            raise RequestError(f"data = 'python_source': {folder} holds no source files; use data=text")
        chosen, total = [], 0
        for path in modules:
            total += path.stat().st_size
            if total > self.config.max_bytes:
                break
            chosen.append(path)
        first = modules[0].stat().st_size
        require(bool(chosen), "data.max_bytes", self.config.max_bytes, f"the first file alone has {first}")
        return chosen


def is_utf8(path: Path) -> bool:
    """Whether a source file's first two lines declare UTF-8, or nothing at all."""
    with path.open("rb") as file:
        encoding, _ = tokenize.detect_encoding(file.readline)
    return encoding in ("utf-8", "utf-8-sig")
