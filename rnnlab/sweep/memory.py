"""How much memory there is, how much of it one run may take, and how to tell that it took too much."""

from __future__ import annotations

import re
import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GIB = 2**30

_STATUS = Path("/proc/self/status")
_MEMINFO = Path("/proc/meminfo")
_OWN_GROUP = Path("/proc/self/cgroup")
_GROUPS = Path("/sys/fs/cgroup")


@contextmanager
def limited(gb: float | None) -> Iterator[None]:
    """Let this process take so many GiB more than it has now, for as long as the context lasts; None: no limit.

    An allocation beyond that fails at once, as an error that ``is_out_of_memory`` knows; no other process notices. What
    counts is memory that could be written, used or not, without files that are mapped: RLIMIT_DATA in setrlimit(2).
    Memory of a GPU does not count. It is for a worker's process: in the driver everything else would be limited too.
    """
    if gb is None:
        yield
        return
    before, most = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _kibibytes(_STATUS, "VmData") * 1024 + int(gb * GIB)
    resource.setrlimit(resource.RLIMIT_DATA, (limit if most == resource.RLIM_INFINITY else min(limit, most), most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, most))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether this says that memory, of the machine or of a GPU, did not suffice; also where it is only the cause."""
    if isinstance(error, MemoryError) or _is_torchs(error):
        return True
    cause = error.__cause__ or error.__context__
    return cause is not None and is_out_of_memory(cause)


def _is_torchs(error: BaseException) -> bool:
    """torch has a type of its own for GPUs, and for the CPU only a sentence (c10/core/impl/alloc_cpu.cpp)."""
    if not isinstance(error, RuntimeError) or "torch" not in sys.modules:
        return False
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "DefaultCPUAllocator: " in str(error)


def machine_memory_gb() -> float:
    """GiB of this machine, or that its control group (a container, a job of a cluster) leaves to this process."""
    return min([_kibibytes(_MEMINFO, "MemTotal") * 1024, *_limits(_own_groups())]) / GIB


def _own_groups() -> Iterator[Path]:
    """The files that may hold a limit on this process: of its group and all groups around it, in versions 2 and 1."""
    for line in _OWN_GROUP.read_text(encoding="utf-8").splitlines() if _OWN_GROUP.exists() else []:
        _, controllers, path = line.split(":", 2)
        root, name = (_GROUPS, "memory.max") if not controllers else (_GROUPS / "memory", "memory.limit_in_bytes")
        if controllers in ("", "memory"):
            group = Path(path.lstrip("/"))
            yield from (root / around / name for around in (group, *group.parents))


def _limits(files: Iterator[Path]) -> list[int]:
    """In bytes. A group that cannot be seen from inside a container, and the word ``max``, limit nothing."""
    words = [file.read_text(encoding="utf-8").strip() for file in files if file.exists()]
    return [int(word) for word in words if word.isdecimal()]


def _kibibytes(file: Path, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", file.read_text(encoding="utf-8"), re.MULTILINE)
    assert found is not None, f"{file} has no {name}"
    return int(found[1])
