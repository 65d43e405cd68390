"""Where a run computes: device, threads, precision."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any

import torch

from rnnlab.errors import RequestError


class Device(str, Enum):
    """``auto`` is the GPU where torch sees one, else the CPU."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


class Precision(str, Enum):
    """The type of products in forward and backward; weights are float32 either way."""

    float32 = "float32"
    bfloat16 = "bfloat16"

    @property
    def autocast(self) -> torch.dtype | None:
        return torch.bfloat16 if self is Precision.bfloat16 else None


def choose_device(wanted: Device) -> torch.device:
    """RequestError where a GPU is asked for and none is there."""
    there = torch.cuda.is_available()
    if wanted is Device.cuda and not there:
        raise RequestError("device = 'cuda': torch sees no GPU on this machine; possible: auto, cpu")
    return torch.device("cuda" if there and wanted is not Device.cpu else "cpu")


@contextmanager
def repeatable(threads: int) -> Iterator[None]:
    """Fix what bits depend on besides seeds: the number of threads, and deterministic kernels.

    ``threads`` 0 takes what OMP_NUM_THREADS says, or else all cores that this process may use. What was
    set before is set again after.
    """
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # must be there before CUDA starts
    threads_before = torch.get_num_threads()
    deterministic_before = torch.are_deterministic_algorithms_enabled()
    debugging: Any = torch.utils.deterministic
    filled_before = debugging.fill_uninitialized_memory
    torch.set_num_threads(threads or int(os.environ.get("OMP_NUM_THREADS", 0)) or len(os.sched_getaffinity(0)))
    torch.use_deterministic_algorithms(True, warn_only=True)
    debugging.fill_uninitialized_memory = False  # an aid for debuggers that costs time in every step
    try:
        yield
    finally:
        torch.set_num_threads(threads_before)
        torch.use_deterministic_algorithms(deterministic_before)
        debugging.fill_uninitialized_memory = filled_before
