"""How many runs fit side by side."""

from __future__ import annotations

import pytest

from rnnlab.errors import RequestError
from rnnlab.sweep.base import Workers
from rnnlab.sweep.slots import count_slots


@pytest.mark.parametrize(
    ("workers", "cores", "gpus", "slots"),
    [
        (Workers(), 8, 0, 8),
        (Workers(cpus=3), 8, 0, 2),
        (Workers(cpus=4), 2, 0, 1),
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
    assert count_slots(workers, cores, gpus, may_crowd=True) == slots


@pytest.mark.parametrize(
    ("workers", "cores", "gpus", "may_crowd", "said"),
    [
        (Workers(gpus=1), 8, 0, True, "sweep.workers.gpus = 1: there are 0 GPUs"),
        (Workers(gpus=0.5, count=3), 8, 1, True, "give 2 slots"),
        (Workers(count=3), 2, 0, False, "give 2 slots"),
        (Workers(cpus=4), 2, 0, False, "sweep.workers.cpus = 4: there are 2 cores"),
    ],
)
def test_what_cannot_be_had_is_said(workers: Workers, cores: int, gpus: float, may_crowd: bool, said: str) -> None:
    with pytest.raises(RequestError, match=said):
        count_slots(workers, cores, gpus, may_crowd=may_crowd)


@pytest.mark.parametrize("options", [{"count": 0}, {"cpus": 0}, {"gpus": -1.0}, {"gpus": 1.5}])
def test_impossible_options_are_refused_at_once(options: dict[str, float]) -> None:
    with pytest.raises(RequestError, match="sweep.workers"):
        Workers(**options)  # type: ignore[arg-type]
