"""GPUs as nvidia-smi lists them, what CUDA_VISIBLE_DEVICES leaves of them, and which are used."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from rnnlab.devices import Gpu, cuda_of_torch, list_gpus, parse, verdicts, visible

LISTING = """\
0, GPU-aaaa1111-0000, NVIDIA H100 80GB HBM3, 81559, 80994, 0
1, GPU-aabb2222-0000, NVIDIA H100 80GB HBM3, 81559, 512, 97
2, GPU-cccc3333-0000, NVIDIA GB10, [N/A], [N/A], [N/A]
"""
GPUS = parse(LISTING)
UUIDS = [gpu.uuid for gpu in GPUS]


def indices(setting: str | None) -> list[int]:
    return [gpu.index for gpu in visible(GPUS, setting)]


def test_a_listing_is_read() -> None:
    assert GPUS[0] == Gpu(0, "GPU-aaaa1111-0000", "NVIDIA H100 80GB HBM3", 80994 / 1024, 81559 / 1024, 0)
    assert (GPUS[2].free_gb, GPUS[2].total_gb, GPUS[2].load_percent) == (None, None, None)


@pytest.mark.parametrize("text", ["", "\n", "No devices were found\n", "a, b, c, d, e, f\n"])
def test_what_is_no_gpu_is_not_read_as_one(text: str) -> None:
    assert parse(text) == []


@pytest.mark.parametrize(
    ("setting", "seen"),
    [
        (None, [0, 1, 2]),
        ("", []),
        ("-1", []),
        ("0", [0]),
        ("2,0", [2, 0]),
        (" 1 , 2 ", [1, 2]),
        ("0,-1,2", [0]),
        ("0,7,2", [0]),
        ("1,1", []),
        ("GPU-cccc", [2]),
        ("GPU-cccc3333-0000,GPU-aaaa", [2, 0]),
        ("GPU-aa", []),  # the beginning of two
        ("GPU-aaaa,GPU-aaaa1111", []),
        ("GPU-aaaa,1", [0]),
        ("0,GPU-cccc", [0]),
        ("MIG-aaaa1111-0000", []),
        ("none", []),
    ],
)
def test_what_is_left_visible(setting: str | None, seen: list[int]) -> None:
    assert indices(setting) == seen


def seen_by_torch(setting: str) -> list[int]:
    """Torch's own reading of CUDA_VISIBLE_DEVICES, on a machine with the GPUs declared above."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CUDA_VISIBLE_DEVICES", setting)
        named = torch.cuda._parse_visible_devices()
    if named and isinstance(named[0], str):
        return torch.cuda._transform_uuid_to_ordinals(named, UUIDS)
    return list(itertools.takewhile(lambda number: number < len(GPUS), named))


entries = st.sampled_from(["0", "1", "2", "3", "-1", "", *UUIDS, "GPU-aa", "GPU-cccc", "GPU-dddd"])


@given(st.lists(entries, max_size=4).map(",".join))
@example("2,1,0")
@example("GPU-cccc,GPU-cccc3333-0000")
def test_torch_sees_the_same(setting: str) -> None:
    assert indices(setting) == seen_by_torch(setting)


def test_why_each_is_used_or_not() -> None:
    judged = verdicts(GPUS, "0,1", "13.0")
    assert [verdict.use for verdict in judged] == [True, False, False]
    assert "0.5 GB are free" in judged[1].why
    assert judged[2].why == "hidden by CUDA_VISIBLE_DEVICES=0,1"


def test_memory_that_is_not_told_does_not_count_against_a_gpu() -> None:
    assert verdicts(GPUS, None, "13.0")[2].use


@pytest.mark.parametrize(("load", "warned"), [(None, False), (0, False), (90, False), (91, True), (100, True)])
def test_a_busy_gpu_is_used_with_a_warning(load: int | None, warned: bool) -> None:
    (verdict,) = verdicts([replace(GPUS[0], load_percent=load)], None, "13.0")
    assert verdict.use
    assert ("warning" in verdict.why) is warned


def test_a_torch_without_cuda_uses_none() -> None:
    assert {(v.use, v.why) for v in verdicts(GPUS, None, None)} == {
        (False, "the installed torch is built for the CPU alone")
    }


def test_what_torch_was_built_for_is_known_without_importing_it() -> None:
    assert cuda_of_torch() == torch.version.cuda


def test_without_nvidia_smi_there_is_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert list_gpus() == ([], "nvidia-smi is not installed")
