"""How many runs fit side by side on cores, memory and GPUs, and which GPU belongs to which slot."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from rnnlab import devices
from rnnlab.devices import Gpu
from rnnlab.errors import RequestError
from rnnlab.sweep.base import Workers
from rnnlab.sweep.claims import HUNDREDTHS
from rnnlab.sweep.memory import machine_memory_gb
from rnnlab.sweep.pools import InlinePool, Pool
from rnnlab.sweep.processes import ProcessPool, Share
from rnnlab.sweep.ray_pool import open_cluster
from rnnlab.sweep.work import Work, train
from rnnlab.sweep.workers import WARM, Setup, setup_here


@dataclass(frozen=True, slots=True)
class Machine:
    """What slots are cut out of. cores: how many this process may use; gpus: those that rnnlab would use."""

    cores: int
    gpus: tuple[Gpu, ...]
    memory_gb: float


def this_machine(workers: Workers) -> Machine:
    """GPUs are looked for only where the workers want some: asking the driver takes a while."""
    gpus: list[Gpu] = []
    if workers.gpus > 0:
        found, _ = devices.list_gpus()
        setting = devices.visible_setting()
        verdicts = devices.verdicts(found, setting, devices.cuda_of_torch())
        usable = [gpu for gpu, verdict in zip(found, verdicts, strict=True) if verdict.use]
        gpus = [gpu for gpu in devices.visible(found, setting) if gpu in usable]
    return Machine(len(os.sched_getaffinity(0)), tuple(gpus), machine_memory_gb())


def count_slots(workers: Workers, cores: int, gpus: float, memory_gb: float | None = None) -> int:
    """The number of slots. RequestError where not even one, or fewer than asked for, can be had.

    More slots than cores may be asked for by name: they then share cores.

    memory_gb  GiB there are; None: not known, and not counted
    """
    by_cores = cores // workers.cpus
    if by_cores < 1:
        raise RequestError(f"sweep.workers.cpus = {workers.cpus}: there are {cores} cores")
    others = []
    if workers.gpus > 0:
        others.append(_slots_on(gpus, workers.gpus))
        if others[-1] < 1:
            line = f"sweep.workers.gpus = {workers.gpus:g}: there are {gpus:g} GPUs to be used; rnnlab gpus says why"
            raise RequestError(line)
    if workers.memory_gb is not None and memory_gb is not None:
        others.append(int(memory_gb / workers.memory_gb))
        if others[-1] < 1:
            raise RequestError(f"sweep.workers.memory_gb = {workers.memory_gb:g}: there are {memory_gb:.1f} GiB")
    wanted = workers.count
    if wanted is None:
        return min([by_cores, *others])
    if others and wanted > min(others):
        raise RequestError(_too_many(workers, cores, gpus, memory_gb, min(others)))
    return wanted


def _too_many(workers: Workers, cores: int, gpus: float, memory_gb: float | None, slots: int) -> str:
    there = f"{cores} cores and {gpus:g} GPUs"
    each = f"{workers.cpus} cores and {workers.gpus:g} GPUs"
    if workers.memory_gb is not None and memory_gb is not None:
        there, each = f"{memory_gb:.1f} GiB, {there}", f"{workers.memory_gb:g} GiB, {each}"
    return f"sweep.workers.count = {workers.count}: {there} give {slots} slots of {each}"


def _slots_on(gpus: float, share: float) -> int:
    """Slots on this many GPUs; a share below 1 never straddles two of them."""
    return int(gpus) * _slots_on_one(share) if share < 1 else int(gpus // share)


def _slots_on_one(share: float) -> int:
    return int(1 / share + 1e-9)


def assign_gpus(gpus: Sequence[Gpu], slots: int, share: float) -> list[tuple[Gpu, ...]]:
    """Each slot's GPUs. Slots that have shares go around the GPUs, so that few slots do not crowd on one of them."""
    if share >= 1:
        each = int(share)
        return [tuple(gpus[slot * each : (slot + 1) * each]) for slot in range(slots)]
    return [(gpus[slot % len(gpus)],) if share > 0 else () for slot in range(slots)]


def shares(workers: Workers, machine: Machine, setup: Setup) -> list[Share]:
    """What each slot has of this machine. RequestError where it does not suffice.

    Slots that were asked for beyond the cores there are share all cores, with other sweeps too.
    """
    gpus = len(machine.gpus)
    slots = count_slots(workers, machine.cores, gpus, machine.memory_gb)
    cores = workers.cpus if slots * workers.cpus <= machine.cores else 0
    hundredths = int(min(workers.gpus, 1) * HUNDREDTHS + 1e-9)
    return [
        Share(setup.seeing(tuple(gpu.uuid for gpu in own)), cores, {gpu.index: hundredths for gpu in own})
        for own in assign_gpus(machine.gpus, slots, workers.gpus)
    ]


def open_pool(workers: Workers, work: Work, stack: ExitStack, measure: Callable[[Workers], Machine]) -> Pool:
    """Start what trains runs; the stack ends it. Returns while worker processes are still importing.

    ``measure`` says what there is of this machine. RequestError where it does not suffice.
    """
    if workers.inline:
        return InlinePool(work)
    setup = setup_here(workers.gpus, imports_for(work))
    pool: Pool
    if workers.address is None:
        pool = ProcessPool(shares(workers, measure(workers), setup), work)
    else:
        pool = open_cluster(workers.address, workers, setup, work, stack)
    stack.callback(pool.close)
    return pool


def imports_for(work: Work) -> tuple[str, ...]:
    """What workers import before their first run."""
    return WARM if work is train else ()
