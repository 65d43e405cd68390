"""A part of the Linux 6.1 kernel in C: brackets, comments and indentation to be remembered."""

from __future__ import annotations

import os
import re
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from rnnlab.data.places import cache_root, locked, make_folder, raw_candidates
from rnnlab.data.prepared import stamp
from rnnlab.data.raw import RawFile
from rnnlab.data.text_stream import TextStream
from rnnlab.errors import RequestError, WorkError

CHOSEN = re.compile(r"kernel/(?:(?:irq|locking|module|printk|rcu|sched|time)/(?:.+/)?)?[^/]+\.[ch]")
PACKAGE = "linux-source-6.1"
CONCATENATED = RawFile(
    folder="linux",
    file="linux_kernel_6.1.txt",
    sha256="85b7e21e84f8876fcc74a6f6d0d5b23870e1bb8ca0b9c563d0a28e359889d401",
    url=f"https://packages.debian.org/bookworm/{PACKAGE}",
)


class Linux(TextStream):
    """The C files of kernel/ and of irq, locking, module, printk, rcu, sched and time below it.

    Sorted by path and concatenated: 6 MB. They come from ``linux/linux_kernel_6.1.txt`` under
    ``$RNNLAB_DATA`` (one document, as the borders of the files are not in it), or from Debian's
    package linux-source-6.1, unpacked or not (each file a document). Split 90/5/5.
    """

    @dataclass(kw_only=True, slots=True)
    class Config(TextStream.Config):
        """path: an unpacked kernel tree, or ``linux-source-6.1.tar.xz``; "" to look where it may lie."""

        path: str = ""

    licence = "GPL-2.0-only"
    source = f"Debian's package {PACKAGE} (apt-get install {PACKAGE})"
    config: Config

    @classmethod
    def place(cls) -> Path | None:
        return CONCATENATED.lying() or next(filter(Path.is_file, archives()), None)

    def files(self) -> list[Path]:
        """See ``TextStream.files``."""
        if self.config.path:
            return self.files_at(Path(self.config.path).expanduser().absolute())
        found = CONCATENATED.found()
        if found is not None:
            return [found]
        archive = self.place()
        if archive is None:
            raise RequestError(
                f"data = 'linux': the kernel's source is not on this machine; apt-get install {PACKAGE},"
                f" or data.path=TREE or {PACKAGE}.tar.xz,"
                f" or put the text at $RNNLAB_DATA/linux/{CONCATENATED.file}"
            )
        return c_files(unpacked(archive))

    def files_at(self, path: Path) -> list[Path]:
        """The C files of the tree or archive that the user named."""
        if path.is_dir():
            return c_files(path)
        if not path.is_file():
            raise RequestError(f"data.path = {self.config.path!r}: no such file or folder")
        return c_files(unpacked(path))


def archives() -> list[Path]:
    """Where the package's archive may lie: in the data folders, or where Debian installs it."""
    name = f"{PACKAGE}.tar.xz"
    return [*raw_candidates("linux", name), Path("/usr/src") / name]


def c_files(tree: Path) -> list[Path]:
    """The chosen files of a kernel tree, in the order of their paths' characters."""
    below = (path.relative_to(tree).as_posix() for path in (tree / "kernel").rglob("*.[ch]"))
    chosen = sorted(name for name in below if CHOSEN.fullmatch(name))
    if not chosen:
        raise RequestError(f"data.path = {str(tree)!r}: no kernel tree, it has no kernel/*.c")
    return [tree / name for name in chosen]


def unpacked(archive: Path) -> Path:
    """The chosen files of an archive, unpacked into the cache once."""
    target = cache_root() / "raw" / "linux" / stamp([archive])
    with locked(target.with_name(f"{target.name}.lock")):
        if not target.exists():
            building = target.with_name(f"{target.name}.building")
            if building.exists():  # left behind by a process that was killed
                shutil.rmtree(building)
            unpack(archive, building)
            os.replace(building, target)
    return target


def unpack(archive: Path, folder: Path) -> None:
    """Read the archive once from end to end, and write the files that are chosen by name."""
    make_folder(folder)
    try:
        with tarfile.open(archive, "r|*") as container:
            for member in container:
                name = member.name.partition("/")[2]  # behind linux-source-6.1/
                source = container.extractfile(member) if CHOSEN.fullmatch(name) and member.isreg() else None
                if source is None or ".." in Path(name).parts:
                    continue
                make_folder((folder / name).parent)
                with (folder / name).open("wb") as file:
                    shutil.copyfileobj(source, file)
    except (tarfile.TarError, EOFError) as error:
        raise RequestError(f"{archive}: no readable tar archive ({error})") from error
    except OSError as error:
        raise WorkError(f"{archive}: cannot be unpacked ({error.strerror or error})") from error
