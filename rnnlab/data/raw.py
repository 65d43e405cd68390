"""A published file that a dataset is made of: where it may lie, and how it is had."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from rnnlab.data import checksums
from rnnlab.data.download import Progress, Say, fetch
from rnnlab.data.places import raw_candidates


@dataclass(frozen=True, slots=True)
class RawFile:
    """``folder/file`` under ``$RNNLAB_DATA`` or the cache, else downloaded from ``url``.

    sha256   as published; None where nobody has: then the first download pins it
    """

    folder: str
    file: str
    sha256: str | None
    url: str

    def lying(self) -> Path | None:
        """Where the file lies on this machine now, unchecked; or None."""
        return next((path for path in raw_candidates(self.folder, self.file) if path.is_file()), None)

    def found(self) -> Path | None:
        """Where the file lies, checked; or None. Raises RequestError where its checksum is wrong."""
        path = self.lying()
        expected = self.sha256 or checksums.remembered("pinned").get(f"{self.folder}/{self.file}")
        if path is not None and expected is not None:
            advice = "remove it or put the published file in its place"
            checksums.check(path, checksums.sha256_of(path), expected, advice)
        return path

    def obtain(self, progress: Progress, say: Say) -> Path:
        """The checked file, downloaded into the cache where it lies nowhere yet. Raises as ``fetch``."""
        found = self.found()
        if found is not None:
            return found
        return fetch(self.url, self.sha256, raw_candidates(self.folder, self.file)[-1], progress, say)
