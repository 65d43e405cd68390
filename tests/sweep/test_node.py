"""What a node of a cluster has room for, and what it takes over from the driver."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rnnlab.errors import WorkError
from rnnlab.sweep.node import Origin, on_this_node
from rnnlab.sweep.ray_engine import Share
from rnnlab.sweep.workers import Setup


@pytest.mark.parametrize(
    ("slot", "node", "slots"),
    [
        (Share(1), Share(8, 2, 16.0), 8),
        (Share(3), Share(8), 2),
        (Share(16), Share(8), 0),
        (Share(1, 1), Share(8, 2), 2),
        (Share(1, 1), Share(8), 0),
        (Share(1, 0.3), Share(16, 2), 6),
        (Share(1, 2), Share(16, 3), 1),
        (Share(4, 0.1), Share(8, 1), 2),
        (Share(1, 0, 3.0), Share(8, 0, 10.0), 3),
    ],
)
def test_slots_of_a_node(slot: Share, node: Share, slots: int) -> None:
    assert node.slots_of(slot) == slots


def test_a_node_keeps_folders_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("RNNLAB_RUNS", "RNNLAB_DATA", "RNNLAB_CACHE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RNNLAB_DATA", "/data/of/the/node")
    driver = {"RNNLAB_DATA": "/data/of/the/driver", "RNNLAB_CACHE": "/cache", "RNNLAB_PLUGINS": "mylab"}
    there = on_this_node(Setup(str(tmp_path), (), driver, ()), "/runs/of/the/driver")
    assert there.directory == str(tmp_path)
    assert there.environment == {
        "RNNLAB_RUNS": "/runs/of/the/driver",
        "RNNLAB_DATA": "/data/of/the/node",
        "RNNLAB_CACHE": "/cache",
        "RNNLAB_PLUGINS": "mylab",
    }


def test_a_folder_takes_the_place_of_one_that_is_not_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path))
    monkeypatch.delenv("RNNLAB_RUNS", raising=False)
    absent = str(tmp_path / "project")
    there = on_this_node(Setup(absent, (), {}, ()), os.path.join(absent, "runs"))
    assert there.directory == str(tmp_path / "node") and os.path.isdir(there.directory)
    assert there.environment["RNNLAB_RUNS"] == str(tmp_path / "node" / "runs")


def test_a_node_with_something_else_is_named() -> None:
    here = Origin.here()
    here.check(here)
    other = Origin("far", here.versions | {"torch": "1.0"})
    with pytest.raises(WorkError, match="node far has torch 1.0, and the driver"):
        other.check(here)
