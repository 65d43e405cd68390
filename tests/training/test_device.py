"""Device, threads, precision."""

from __future__ import annotations

import os

import pytest
import torch

from rnnlab.errors import RequestError
from rnnlab.training.device import Device, Precision, choose_device, repeatable


def test_cpu_is_always_there() -> None:
    assert choose_device(Device.cpu) == torch.device("cpu")


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_a_gpu_that_is_not_there() -> None:
    assert choose_device(Device.auto) == torch.device("cpu")
    with pytest.raises(RequestError, match="device = 'cuda': torch sees no GPU"):
        choose_device(Device.cuda)


def test_no_number_of_threads_is_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    with repeatable(0):
        assert torch.get_num_threads() == 3


@pytest.mark.parametrize("threads", [0, 1, 2])
def test_threads_and_determinism_last_as_long_as_the_block(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    with pytest.raises(KeyError), repeatable(threads):
        assert torch.get_num_threads() == (threads or len(os.sched_getaffinity(0)))
        assert torch.are_deterministic_algorithms_enabled()
        raise KeyError
    assert (torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()) == before


def test_precision() -> None:
    assert Precision.float32.autocast is None
    assert Precision.bfloat16.autocast is torch.bfloat16
