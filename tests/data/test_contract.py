"""What every dataset promises, for whatever ``data=`` offers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rnnlab.config import registry
from rnnlab.data.base import Dataset
from rnnlab.data.contents import Sequences, Stream
from rnnlab.data.generated import Generated
from rnnlab.data.pairs import UNKNOWN
from rnnlab.data.places import cache_root
from rnnlab.data.spec import SPLITS, DataSpec
from rnnlab.data.windows import SequenceBatches, StreamWindows

DRAWN = tuple(name for name in registry.names("data") if issubclass(registry.component("data", name), Generated))
WITHOUT_A_PLACE = ("hello", "digits", "text", "labelled")
THE_SAME_IN_TRAIN_AND_VAL = ("hello", "random_labels")


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
    if name in DRAWN:
        config.examples, config.held_out = 600, 200
    if name == "text":
        (tmp_path / "notes.txt").write_text("line after line, ünïcode too\n" * 40, encoding="utf-8")
        config.path = str(tmp_path / "notes.txt")
    if name == "labelled":
        rows = [f"{'even' if n % 2 == 0 else 'odd'},number {n}" for n in range(60)]
        (tmp_path / "rows.csv").write_text("\n".join(["label,text", *rows]), encoding="utf-8")
        config.path = str(tmp_path / "rows.csv")
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
    if dataset.option() in THE_SAME_IN_TRAIN_AND_VAL:
        train, val = (dataset.split(name) for name in ("train", "val"))
        assert np.array_equal(train.ids, val.ids) if isinstance(train, Stream) else train is val
        return
    parts: list[Any] = [dataset.split(name) for name in SPLITS]
    if spec.shape == "stream":
        addresses = [part.ids.__array_interface__["data"][0] for part in parts]
        item = parts[0].ids.itemsize
        assert addresses[1] - addresses[0] == spec.sizes["train"] * item
        assert spec.sizes["test"] == 0 or addresses[2] - addresses[1] == spec.sizes["val"] * item
    elif UNKNOWN not in spec.symbols:
        rows = [set(items_of(part)) for part in parts]
        assert len(set().union(*rows)) == sum(map(len, rows)), "an item stands in two splits"


def items_of(part: Sequences) -> list[bytes]:
    """Each item without its padding, which may look like a symbol."""
    lengths = [len(row) for row in part.inputs] if part.lengths is None else part.lengths
    return [row[:length].tobytes() for row, length in zip(part.inputs, lengths, strict=True)]


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


def labelled(dataset: Dataset, spec: DataSpec) -> Sequences:
    """The training part of a set of separate items."""
    if spec.shape == "stream":
        pytest.skip("a stream")
    part = dataset.split("train")
    assert isinstance(part, Sequences)
    return part


def test_items_have_the_described_shape(dataset: Dataset, spec: DataSpec) -> None:
    part = labelled(dataset, spec)
    batch = SequenceBatches(part, batch_size=7, seed=1).batch(0, 0)
    features = () if spec.symbols else (spec.input_size,)
    steps = spec.max_length if not part.shortened else int(batch.lengths.max())
    assert batch.inputs.shape == (7, *(spec.picture or (steps, *features)))
    assert batch.inputs.dtype == (torch.int64 if spec.symbols else torch.float32)
    if spec.symbols:
        assert spec.input_size == 0
        assert_symbols(set(np.unique(part.inputs)), spec.vocabulary, some_may_be_missing=dataset.option() == "dates")
    else:
        assert np.isfinite(part.inputs).all()


def assert_symbols(found: set[int], vocabulary: int, some_may_be_missing: bool) -> None:
    """All symbols stand in train; but a few hundred texts need not have every letter of many alphabets."""
    assert found <= set(range(vocabulary)) and (some_may_be_missing or len(found) == vocabulary)


def test_labels_are_what_the_shape_says(dataset: Dataset, spec: DataSpec) -> None:
    part = labelled(dataset, spec)
    batch = SequenceBatches(part, batch_size=7, seed=1).batch(0, 0)
    written = (spec.target_length,)
    asked = {"steps": (spec.max_length,), "series": written, "pairs": written, "captions": written}.get(spec.shape, ())
    assert batch.targets.shape == (7, *asked)
    if spec.shape in ("numbers", "series"):
        assert spec.classes == 0 and batch.targets.dtype == torch.float32 and np.isfinite(part.labels).all()
        return
    nothing = {-1} if spec.shape in ("steps", "pairs", "captions") else set()
    assert batch.targets.dtype == torch.int64
    assert set(np.unique(part.labels)) - nothing == set(range(spec.classes))
    assert spec.shape != "steps" or (part.labels >= 0).any(axis=1).all(), "a row that is asked nothing"


def test_lags_reach_back_to_a_step_of_the_same_item(dataset: Dataset, spec: DataSpec) -> None:
    part = labelled(dataset, spec)
    if part.lags is None:
        pytest.skip("no single place holds what is needed")
    assert part.lags.shape == part.labels.shape
    lengths = np.full(len(part.labels), spec.max_length) if part.lengths is None else part.lengths
    if spec.shape == "steps":
        assert np.array_equal(part.lags >= 0, part.labels >= 0)
        assert (part.lags <= np.arange(spec.max_length)).all()
    else:
        assert (part.lags >= 0).all() and (part.lags < lengths).all()


def test_nothing_is_asked_in_the_padding(dataset: Dataset, spec: DataSpec) -> None:
    part = labelled(dataset, spec)
    if part.lengths is None:
        pytest.skip("all steps are valid")
    assert part.lengths.min() >= 1 and part.lengths.max() <= spec.max_length
    if spec.shape == "steps":
        assert (part.labels[np.arange(spec.max_length) >= part.lengths[:, None]] == -1).all()


def test_what_needs_no_memory_is_no_worse_than_a_uniform_guess(dataset: Dataset, spec: DataSpec) -> None:
    labelled(dataset, spec)
    found = dataset.memoryless()
    assert found is not None and found > 0
    assert spec.shape in ("numbers", "series") or found < math.log(spec.classes) + 0.02
