from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rnnlab.data import prepared
from rnnlab.data.python_source import PythonSource
from rnnlab.data.spec import DataSpec
from rnnlab.errors import RequestError, WorkError

CODE = """
from rnnlab.data.python_source import PythonSource
dataset = PythonSource(PythonSource.Config(max_bytes=200_000))
print(dataset.prepare().fingerprint, int(dataset.split("val").ids.sum()))
"""


def description(folder: Path) -> DataSpec:
    return DataSpec("stream", ("a",), 0, 0, {"train": 1, "val": 0, "test": 0}, 0, "character", "f")


def test_several_processes_may_prepare_at_once(cache: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    command, environment = [sys.executable, "-c", CODE], os.environ | {"PYTHONPATH": str(root)}
    processes = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {process.communicate(timeout=120)[0] for process in processes}
    assert [process.returncode for process in processes] == [0] * 4
    assert len(answers) == 1
    folders = [path for path in (cache / "prepared" / DataSpec.form() / "python_source").iterdir() if path.is_dir()]
    assert len(folders) == 1


def test_what_a_killed_process_left_is_built_anew(tmp_path: Path) -> None:
    folder = tmp_path / "set" / "key"
    left = folder.with_name("key.building")
    left.mkdir(parents=True)
    (left / "ids.npy").write_bytes(b"half")
    assert prepared.prepare_once(folder, description) == description(folder)
    assert sorted(path.name for path in folder.iterdir()) == ["spec.json"]
    assert not left.exists()


def test_a_build_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def full(folder: Path) -> DataSpec:
        (folder / "ids.npy").write_bytes(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(WorkError, match="cannot be prepared .No space left on device"):
        prepared.prepare_once(tmp_path / "key", full)
    assert [path.name for path in tmp_path.iterdir()] == ["key.lock"]


def test_a_damaged_description_is_named(tmp_path: Path) -> None:
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "spec.json").write_text('{"shape": "str')
    with pytest.raises(WorkError, match="spec.json: damaged .*; remove .*key and ask again"):
        prepared.prepare_once(tmp_path / "key", description)


def test_a_damaged_array_is_named(cache: Path) -> None:
    dataset = PythonSource(PythonSource.Config(max_bytes=100_000))
    dataset.prepare()
    (path,) = dataset.folder().glob("*/ids.npy")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(WorkError, match="ids.npy: damaged"):
        dataset.prepare()


def test_a_cache_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RNNLAB_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(RequestError, match="RNNLAB_CACHE = .* name a folder that can be written"):
        PythonSource(PythonSource.Config(max_bytes=100_000)).prepare()


def test_the_stamp_follows_file_and_recipe(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("one")
    first = prepared.stamp([path], 1, "character")
    assert prepared.stamp([path], 1, "character") == first
    assert prepared.stamp([path], 1, "byte") != first
    path.write_text("four")
    assert prepared.stamp([path], 1, "character") != first
