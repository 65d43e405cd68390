"""How many runs fit side by side, and which GPUs they see. GPUs are declared: no test needs one."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlab import devices
from rnnlab.devices import Gpu
from rnnlab.errors import RequestError
from rnnlab.sweep.base import Workers
from rnnlab.sweep.processes import Share
from rnnlab.sweep.slots import Machine, assign_gpus, count_slots, open_pool, shares, this_machine
from rnnlab.sweep.work import Assignment, Reporter
from rnnlab.sweep.workers import setup_here
from rnnlab.tracking.folder import RunFolder


@pytest.mark.parametrize(
    ("workers", "cores", "gpus", "slots"),
    [
        (Workers(), 8, 0, 8),
        (Workers(cpus=3), 8, 0, 2),
        (Workers(count=5), 2, 0, 5),
        (Workers(gpus=1), 16, 2, 2),
        (Workers(gpus=0.25), 16, 2, 8),
        (Workers(gpus=0.3), 16, 2, 6),
        (Workers(gpus=2), 16, 3, 1),
        (Workers(gpus=0.1), 4, 1, 4),
        (Workers(gpus=0.5, count=1), 16, 1, 1),
    ],
)
def test_slots_are_what_cores_and_gpus_allow(workers: Workers, cores: int, gpus: float, slots: int) -> None:
    assert count_slots(workers, cores, gpus) == slots


@pytest.mark.parametrize(
    ("workers", "cores", "gpus", "said"),
    [
        (Workers(gpus=1), 8, 0, "sweep.workers.gpus = 1: there are 0 GPUs"),
        (Workers(gpus=0.5, count=3), 8, 1, "give 2 slots"),
        (Workers(cpus=4), 2, 0, "sweep.workers.cpus = 4: there are 2 cores"),
    ],
)
def test_what_cannot_be_had_is_said(workers: Workers, cores: int, gpus: float, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        count_slots(workers, cores, gpus)


@pytest.mark.parametrize("options", [{"count": 0}, {"cpus": 0}, {"gpus": -1.0}, {"gpus": 1.5}, {"memory_gb": 0.0}])
def test_impossible_options_are_refused_at_once(options: dict[str, float]) -> None:
    with pytest.raises(RequestError, match="sweep.workers"):
        Workers(**options)  # type: ignore[arg-type]


def gpus(count: int) -> tuple[Gpu, ...]:
    return tuple(Gpu(index, f"GPU-{index:04d}", "declared", 40.0, 48.0, 0) for index in range(count))


@pytest.mark.parametrize(
    ("count", "slots", "share", "indices"),
    [
        (2, 3, 0, [(), (), ()]),
        (2, 2, 1, [(0,), (1,)]),
        (5, 2, 2, [(0, 1), (2, 3)]),
        (2, 4, 0.5, [(0,), (1,), (0,), (1,)]),
        (3, 2, 0.25, [(0,), (1,)]),
    ],
)
def test_each_slot_has_its_own_gpus(count: int, slots: int, share: float, indices: list[tuple[int, ...]]) -> None:
    assigned = assign_gpus(gpus(count), slots, share)
    assert [tuple(gpu.index for gpu in own) for own in assigned] == indices


@given(st.integers(1, 8), st.one_of(st.integers(1, 4).map(float), st.floats(0.01, 0.99)))
def test_no_gpu_is_given_away_more_than_once(count: int, share: float) -> None:
    slots = count_slots(Workers(gpus=share), 1000, count) if share <= count else 0
    used = Counter(gpu.index for own in assign_gpus(gpus(count), slots, share) for gpu in own)
    assert all(each * min(share, 1) <= 1 + 1e-6 for each in used.values())
    assert sum(used.values()) == slots * max(1, int(share))


def cut(machine: Machine, **workers: float) -> list[Share]:
    return shares(Workers(**workers), machine, setup_here(workers.get("gpus", 0), ()))  # type: ignore[arg-type]


def test_a_slot_sees_its_gpus_alone_and_claims_its_part_of_them() -> None:
    each = cut(Machine(16, gpus(2), 64.0), gpus=0.25)
    assert len(each) == 8
    assert {share.setup.environment["CUDA_VISIBLE_DEVICES"] for share in each} == {"GPU-0000", "GPU-0001"}
    assert [share.gpus for share in each[:2]] == [{0: 25}, {1: 25}]
    (both,) = cut(Machine(16, gpus(2), 64.0), gpus=2)
    assert both.setup.environment["CUDA_VISIBLE_DEVICES"] == "GPU-0000,GPU-0001"
    assert both.gpus == {0: 100, 1: 100}


def test_a_slot_without_a_gpu_sees_none() -> None:
    assert {share.setup.environment["CUDA_VISIBLE_DEVICES"] for share in cut(Machine(2, gpus(1), 64.0))} == {""}


def test_slots_beyond_the_cores_claim_none() -> None:
    assert [share.cores for share in cut(Machine(4, (), 64.0), cpus=2)] == [2, 2]
    assert [share.cores for share in cut(Machine(4, (), 64.0), cpus=2, count=3)] == [0, 0, 0]


def test_memory_bounds_the_slots() -> None:
    assert len(cut(Machine(8, (), 10.0), memory_gb=3)) == 3
    with pytest.raises(RequestError, match="sweep.workers.memory_gb = 12: there are 10.0 GiB"):
        cut(Machine(8, (), 10.0), memory_gb=12)
    with pytest.raises(RequestError, match="10.0 GiB.* give 2 slots of 4 GiB"):
        cut(Machine(8, (), 10.0), memory_gb=4, count=3)


@pytest.fixture
def nvidia_smi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``nvidia_smi(lines)``: a driver that declares these GPUs, and a torch that could use them."""

    def declare(lines: str) -> None:
        program = tmp_path / "nvidia-smi"
        program.write_text(f"#!/bin/sh\ncat <<END\n{lines}\nEND\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setattr(devices, "cuda_of_torch", lambda: "13.0")

    return declare


THREE = """0, GPU-aa, A, 40960, 40000, 0
1, GPU-bb, A, 40960, 100, 0
2, GPU-cc, A, 40960, 40000, 0"""


@pytest.mark.parametrize(
    ("setting", "uuids"),
    [(None, ["GPU-aa", "GPU-cc"]), ("2,1,0", ["GPU-cc", "GPU-aa"]), ("GPU-cc", ["GPU-cc"]), ("-1", []), ("", [])],
)
def test_only_gpus_that_are_visible_and_free_are_used(
    nvidia_smi: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, setting: str | None, uuids: list[str]
) -> None:
    nvidia_smi(THREE)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if setting is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", setting)
    assert [gpu.uuid for gpu in this_machine(Workers(gpus=1)).gpus] == uuids
    assert this_machine(Workers()).gpus == ()


def test_the_workers_of_a_real_pool_see_what_they_were_given(
    nvidia_smi: Callable[[str], None], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def notes_its_gpus(assignment: Assignment, folder: RunFolder, reporter: Reporter) -> None:
        raise ValueError(os.environ["CUDA_VISIBLE_DEVICES"])

    nvidia_smi(THREE)
    monkeypatch.setattr(tempfile, "tempdir", str(workspace))  # other sweeps have other claims
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,1,0")
    with ExitStack() as stack:
        pool = open_pool(Workers(gpus=1, count=2), notes_its_gpus, stack, this_machine)
        waiting, seen = ["0000000a", "0000000b"], []
        while len(seen) < 2:
            for slot in pool.idle() if waiting else []:
                pool.start(slot, Assignment(waiting.pop(), "", (), {}, "", "", "best/val_loss"))
                if not waiting:
                    break
            seen += [end.outcome.message for end in pool.wait(0.5, GoOn()) if end.outcome]
    assert set(seen) <= {"ValueError: GPU-cc", "ValueError: GPU-aa"}
    assert len(seen) == 2


class GoOn:
    """A listener that lets everything go on."""

    def heartbeat(self, run_id: str) -> str:
        return "continue"

    def report(self, run_id: str, place: int, value: float) -> str:
        return "continue"
