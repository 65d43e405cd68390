"""How many runs fit side by side: slots out of cores and GPUs."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack

from rnnlab.errors import RequestError
from rnnlab.sweep import ray_engine
from rnnlab.sweep.base import Workers
from rnnlab.sweep.pools import InlinePool, Pool
from rnnlab.sweep.ray_pool import RayPool
from rnnlab.sweep.work import Work, train
from rnnlab.sweep.workers import WARM, setup_here


def this_machine() -> tuple[int, int]:
    """(cores that this process may use, GPUs that CUDA_VISIBLE_DEVICES lets it see)."""
    import torch

    return len(os.sched_getaffinity(0)), torch.cuda.device_count()


def count_slots(workers: Workers, cores: int, gpus: float, *, may_crowd: bool) -> int:
    """The number of slots. RequestError where not even one, or fewer than asked for, can be had.

    ``may_crowd``: more slots than cores may be asked for by name; they then share cores.
    """
    by_cores = cores // workers.cpus
    if by_cores < 1 and not may_crowd:
        raise RequestError(f"sweep.workers.cpus = {workers.cpus}: there are {cores} cores")
    by_gpus = by_cores if workers.gpus == 0 else _slots_on(gpus, workers.gpus)
    if by_gpus < 1 and workers.gpus > 0:
        raise RequestError(f"sweep.workers.gpus = {workers.gpus:g}: there are {gpus:g} GPUs to be seen")
    fitting = min(by_cores, by_gpus)
    wanted = workers.count
    if wanted is None:
        return max(1, fitting)
    limit = by_gpus if may_crowd and workers.gpus > 0 else wanted if may_crowd else fitting
    if wanted > limit:
        raise RequestError(
            f"sweep.workers.count = {wanted}: {cores} cores and {gpus:g} GPUs give {limit} slots"
            f" of {workers.cpus} cores and {workers.gpus:g} GPUs"
        )
    return wanted


def _slots_on(gpus: float, share: float) -> int:
    """Slots on this many GPUs; a share below 1 never straddles two of them."""
    return int(gpus) * int(1 / share + 1e-9) if share < 1 else int(gpus // share)


def open_pool(workers: Workers, work: Work, stack: ExitStack, measure: Callable[[], tuple[int, int]]) -> Pool:
    """Start what trains runs; the stack ends it. Returns while worker processes are still importing.

    ``measure`` gives the cores and GPUs of this machine. RequestError where they do not suffice.
    """
    if workers.inline:
        return InlinePool(work)
    if workers.address is None:
        cores, gpus = measure()
        slots = count_slots(workers, cores, gpus, may_crowd=True)
        started = ray_engine.start(None, slots * workers.cpus, gpus if workers.gpus else 0)
    else:
        started = ray_engine.start(workers.address, 0, 0)
        slots = count_slots(workers, *ray_engine.cluster_resources(), may_crowd=False)
    if started:
        stack.callback(ray_engine.stop)
    pool = RayPool(slots, workers.cpus, workers.gpus, setup_here(workers.gpus, WARM if work is train else ()), work)
    stack.callback(pool.close)
    return pool
