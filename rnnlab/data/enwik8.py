"""enwik8: the first 100 million bytes of a dump of the English Wikipedia, XML and all."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import dataclass
from pathlib import Path

from rnnlab.data import checksums
from rnnlab.data.download import refuse_too_large
from rnnlab.data.places import locked, raw_candidates, writing
from rnnlab.data.raw import RawFile
from rnnlab.data.symbols import Unit
from rnnlab.data.text_stream import TextStream

SIZE = 100_000_000
MEMBER = "enwik8"
ARCHIVE = RawFile(
    folder="enwik8",
    file="enwik8.zip",
    sha256="547994d9980ebed1288380d652999f38a14fe291a6247c157c3d33d4932534bc",
    url="https://mattmahoney.net/dc/enwik8.zip",
)
UNPACKED = RawFile(
    folder="enwik8",
    file="enwik8",
    sha256="2b49720ec4d78c3c9fabaee6e4179a5e997302b3a70029f30f2d582218c024a8",
    url=ARCHIVE.url,
)


class Enwik8(TextStream):
    """100,000,000 bytes, split 90/5/5 in millions as the literature has it; a symbol is a byte."""

    @dataclass(kw_only=True, slots=True)
    class Config(TextStream.Config):
        """unit: bytes, as the published figures in bits per character count them."""

        unit: Unit = Unit.byte

    licence = "CC BY-SA and GFDL (see the source)"
    source = ARCHIVE.url

    @classmethod
    def place(cls) -> Path | None:
        return UNPACKED.lying() or ARCHIVE.lying()

    def files(self) -> list[Path]:
        """See ``TextStream.files``. The archive is unpacked into the cache once."""
        found = UNPACKED.found()
        if found is not None:
            return [found]
        target = raw_candidates(UNPACKED.folder, UNPACKED.file)[-1]
        archive = ARCHIVE.obtain(self.progress, self.say)
        with locked(target.with_name(f"{target.name}.lock")):
            if not target.exists():
                unpack(archive, target)
        return [target]


def unpack(archive: Path, target: Path) -> None:
    """Read the one known member of the archive, whatever else is in it, and check what comes out."""
    refuse_too_large(target, SIZE)
    with writing(target) as beside:
        with (
            zipfile.ZipFile(archive) as container,
            container.open(MEMBER) as source,
            beside.open("wb") as file,
        ):
            shutil.copyfileobj(source, file)
        assert UNPACKED.sha256 is not None
        checksums.check(beside, checksums.digest_of(beside), UNPACKED.sha256, f"{archive} holds another text")
