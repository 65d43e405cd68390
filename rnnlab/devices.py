"""The GPUs of this machine and which of them a run may use, known without torch: ``nvidia-smi`` is asked.

GPUs are told to this module's functions, so that what they decide can be tested with declared ones.
"""

from __future__ import annotations

import csv
import importlib.util
import os
import runpy
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"
FIELDS = "index,uuid,name,memory.total,memory.free,utilization.gpu"
QUERY = ("nvidia-smi", f"--query-gpu={FIELDS}", "--format=csv,noheader,nounits")
QUERY_SECONDS = 20
"""A driver that does not answer within this time is taken as absent."""

LEAST_FREE_GB = 1.0
"""Below this a run would not even hold CUDA's own context and a small model."""
BUSY_PERCENT = 90


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU as ``nvidia-smi`` counts them. None: the driver does not say (memory shared with the CPU, MIG).

    free_gb, total_gb  memory in GiB
    load_percent       share of the last second in which something ran on it
    """

    index: int
    uuid: str
    name: str
    free_gb: float | None
    total_gb: float | None
    load_percent: int | None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether rnnlab would use a GPU, and why or why not, in a few words."""

    use: bool
    why: str


def list_gpus() -> tuple[list[Gpu], str]:
    """(GPUs of this machine, visible or not; why there are none, or an empty string)."""
    try:
        done = subprocess.run(QUERY, capture_output=True, text=True, timeout=QUERY_SECONDS)
    except FileNotFoundError:
        return [], "nvidia-smi is not installed"
    except (OSError, subprocess.TimeoutExpired) as error:
        return [], f"nvidia-smi does not answer ({' '.join(str(error).split())})"
    if done.returncode != 0:
        return [], f"nvidia-smi says: {' '.join((done.stdout + done.stderr).split())}"
    gpus = parse(done.stdout)
    return gpus, "" if gpus else "nvidia-smi lists none"


def parse(listing: str) -> list[Gpu]:
    """The GPUs in an answer of ``nvidia-smi`` to ``QUERY``; lines of another form are not GPUs."""
    rows = [row for row in csv.reader(listing.splitlines(), skipinitialspace=True) if len(row) == 6]
    return [
        Gpu(int(index), uuid, name, _gibibytes(free), _gibibytes(total), _number(load))
        for index, uuid, name, total, free, load in rows
        if index.isdecimal()
    ]


def visible(gpus: Sequence[Gpu], setting: str | None) -> list[Gpu]:
    """The GPUs that a process sees under ``CUDA_VISIBLE_DEVICES=setting``, in the order in which it counts them.

    None shows all. Entries are numbers or beginnings of UUIDs, and the first one decides which. The list ends
    before an entry that names no GPU, as -1 and an empty one do; a GPU named twice hides them all.
    (torch/cuda/__init__.py, ``_parse_visible_devices``)
    """
    if setting is None:
        return list(gpus)
    entries = [entry.strip() for entry in setting.split(",")]
    is_named, find = (_is_uuid, _with_uuid) if _is_uuid(entries[0]) else (str.isdecimal, _with_index)
    named = list(takewhile(is_named, entries))
    shown: list[Gpu] = []
    for gpu in (find(gpus, entry) for entry in named):
        if gpu is None:
            break
        shown.append(gpu)
    is_repeated = len(set(named)) < len(named) or len(set(shown)) < len(shown)
    return [] if is_repeated else shown


def verdicts(gpus: Sequence[Gpu], setting: str | None, cuda: str | None) -> list[Verdict]:
    """For each GPU, whether rnnlab would use it. ``cuda`` is what torch was built for, None: the CPU alone."""
    shown = visible(gpus, setting)
    return [_verdict(gpu, shown, setting, cuda) for gpu in gpus]


def cuda_of_torch() -> str | None:
    """The version of CUDA for which the installed torch was built; None for a build that knows the CPU alone."""
    found = importlib.util.find_spec("torch")
    if found is None or found.origin is None:
        return None
    return runpy.run_path(str(Path(found.origin).with_name("version.py")))["cuda"]


def visible_setting() -> str | None:
    """``CUDA_VISIBLE_DEVICES`` of this process; None where it is not set."""
    return os.environ.get(VISIBLE)


def _verdict(gpu: Gpu, shown: Sequence[Gpu], setting: str | None, cuda: str | None) -> Verdict:
    if cuda is None:
        return Verdict(False, "the installed torch is built for the CPU alone")
    if gpu not in shown:
        return Verdict(False, f"hidden by {VISIBLE}={setting}")
    if gpu.free_gb is not None and gpu.free_gb < LEAST_FREE_GB:
        return Verdict(False, f"only {gpu.free_gb:.1f} GB are free, {LEAST_FREE_GB:g} GB are needed")
    if gpu.load_percent is not None and gpu.load_percent > BUSY_PERCENT:
        return Verdict(True, f"free memory suffices; warning: {gpu.load_percent} % busy, runs would share it")
    return Verdict(True, "visible, with enough free memory")


def _is_uuid(entry: str) -> bool:
    return entry.startswith("GPU-")


def _with_index(gpus: Sequence[Gpu], index: str) -> Gpu | None:
    return next((gpu for gpu in gpus if gpu.index == int(index)), None)


def _with_uuid(gpus: Sequence[Gpu], beginning: str) -> Gpu | None:
    fitting = [gpu for gpu in gpus if gpu.uuid.startswith(beginning)]
    return fitting[0] if len(fitting) == 1 else None


def _gibibytes(mebibytes: str) -> float | None:
    number = _number(mebibytes)
    return None if number is None else number / 1024


def _number(text: str) -> int | None:
    """None for ``[N/A]`` and the like."""
    return int(text) if text.isdecimal() else None
