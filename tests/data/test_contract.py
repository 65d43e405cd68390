"""What every dataset promises, for whatever ``data=`` offers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rnnlab.config import registry
from rnnlab.data.base import SPLITS, Dataset, DataSpec, Sequences, Stream
from rnnlab.data.places import cache_root
from rnnlab.data.windows import SequenceBatches, StreamWindows

WITHOUT_A_PLACE = ("hello", "digits", "text")
SAME_TEXT_IN_TRAIN_AND_VAL = ("hello",)


@pytest.fixture(params=registry.names("data"))
def dataset(
    request: pytest.FixtureRequest, shared_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Dataset:
    monkeypatch.setenv("RNNLAB_CACHE", str(shared_cache))
    name = request.param
    kind = registry.component("data", name)
    if name not in WITHOUT_A_PLACE and kind.place() is None:
        pytest.skip(f"data={name} is not on this machine")
    config = kind.Config(name=name)
    if name == "text":
        (tmp_path / "notes.txt").write_text("line after line, ünïcode too\n" * 40, encoding="utf-8")
        config.path = str(tmp_path / "notes.txt")
    return kind(config)


@pytest.fixture
def spec(dataset: Dataset) -> DataSpec:
    return dataset.prepare()


def again(dataset: Dataset) -> Dataset:
    return type(dataset)(dataset.config)


def test_describes_itself_the_same_twice(dataset: Dataset, spec: DataSpec) -> None:
    assert again(dataset).prepare() == spec
    assert DataSpec.restore(spec.plain()) == spec


def test_writes_nothing_the_second_time(dataset: Dataset, spec: DataSpec) -> None:
    def state() -> dict[str, int]:
        files = (path for path in cache_root().rglob("*") if path.is_file())
        return {str(path): path.stat().st_mtime_ns for path in files if dataset.option() in path.parts}

    before = state()
    again(dataset).prepare()
    assert state() == before


def test_says_where_it_comes_from(dataset: Dataset) -> None:
    assert dataset.source and dataset.licence
    assert dataset.option() == dataset.config.name


def test_sizes_are_those_of_the_splits(dataset: Dataset, spec: DataSpec) -> None:
    assert list(spec.sizes) == list(SPLITS)
    for name, size in spec.sizes.items():
        part: Any = dataset.split(name)
        assert len(part.ids if spec.shape == "stream" else part.labels) == size


def test_splits_follow_each_other_and_cover_all(dataset: Dataset, spec: DataSpec) -> None:
    if dataset.option() in SAME_TEXT_IN_TRAIN_AND_VAL:
        assert np.array_equal(dataset.split("train").ids, dataset.split("val").ids)
        return
    parts: list[Any] = [dataset.split(name) for name in SPLITS]
    if spec.shape == "stream":
        addresses = [part.ids.__array_interface__["data"][0] for part in parts]
        item = parts[0].ids.itemsize
        assert addresses[1] - addresses[0] == spec.sizes["train"] * item
        assert spec.sizes["test"] == 0 or addresses[2] - addresses[1] == spec.sizes["val"] * item
    else:
        items = {row.tobytes() for part in parts for row in part.inputs}
        assert len(items) == sum(spec.sizes.values()), "an item stands in two splits"


def test_streams_hold_ids_of_the_vocabulary(dataset: Dataset, spec: DataSpec) -> None:
    if spec.shape != "stream":
        pytest.skip("no stream")
    assert len(set(spec.symbols)) == spec.vocabulary
    for name in SPLITS:
        stream = dataset.split(name)
        assert isinstance(stream, Stream)
        assert stream.ids.dtype.kind == "u"
        assert stream.ids.size == 0 or int(stream.ids.max()) < spec.vocabulary
        assert stream.documents[0] == 0 and (np.diff(stream.documents) > 0).all()
        assert stream.documents[-1] < max(len(stream.ids), 1)


def test_windows_are_views_of_one_mapped_array(dataset: Dataset, spec: DataSpec) -> None:
    if spec.shape != "stream" or dataset.option() == "hello":
        pytest.skip("no stream on the disk")
    stream: Any = dataset.split("train")
    windows = StreamWindows(stream, rows=2, window=8)
    assert np.shares_memory(windows.view_BL, stream.ids)
    assert not stream.ids.flags.owndata and not stream.ids.flags.writeable


def test_rows_go_on_from_window_to_window(dataset: Dataset, spec: DataSpec) -> None:
    if spec.shape != "stream":
        pytest.skip("no stream")
    stream: Any = dataset.split("val")
    windows = StreamWindows(stream, rows=dataset.config.val_rows if len(stream.ids) > 1000 else 1, window=2)
    first, second = windows[0], windows[1]
    assert first.targets[:, -1].tolist() == second.inputs[:, 0].tolist()
    assert first.inputs[:, 1:].tolist() == first.targets[:, :-1].tolist()
    assert first.inputs[0].tolist() == stream.ids[:2].tolist()


def test_sequences_have_the_described_shape(dataset: Dataset, spec: DataSpec) -> None:
    if spec.shape != "sequences":
        pytest.skip("no sequences")
    part = dataset.split("train")
    assert isinstance(part, Sequences)
    batch = SequenceBatches(part, batch_size=7, seed=1).batch(0, 0)
    assert batch.inputs.shape == (7, spec.max_length, spec.input_size)
    assert set(np.unique(part.labels)) == set(range(spec.classes))
