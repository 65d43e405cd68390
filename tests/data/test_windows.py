from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnlab.data.contents import Sequences, Stream
from rnnlab.data.windows import SequenceBatches, StreamWindows, largest_rows
from rnnlab.errors import RequestError


def stream_of(count: int, documents: tuple[int, ...] = (0,), dtype: Any = np.uint16) -> Stream:
    """A stream whose symbol at position i is i."""
    return Stream(np.arange(count, dtype=dtype), np.array(documents, dtype=np.int64))


@st.composite
def layouts(draw: st.DrawFn) -> tuple[int, int, int]:
    """(symbols, rows, window) of which at least one window can be had."""
    rows, window = draw(st.integers(1, 6)), draw(st.integers(1, 9))
    return draw(st.integers(rows * window + 1, rows * window * 8 + 10)), rows, window


@given(layouts(), st.sampled_from([np.uint8, np.uint16, np.uint32]))
def test_windows_of_a_row_give_its_stretch_of_the_text(layout: tuple[int, int, int], dtype: Any) -> None:
    count, rows, window = layout
    stream = Stream(np.random.default_rng(0).integers(0, 250, count).astype(dtype), np.zeros(1, np.int64))
    windows = StreamWindows(stream, rows, window, keep_rest=True)
    batches = [windows.batch(3, k) for k in range(windows.windows_per_epoch)]
    length = (count - 1) // rows
    inputs = torch.cat([batch.inputs for batch in batches], dim=1)
    targets = torch.cat([batch.targets for batch in batches], dim=1)
    assert inputs.dtype == targets.dtype == torch.int64
    for row in range(rows):
        start = row * length
        assert inputs[row].tolist() == stream.ids[start : start + length].tolist()
        assert targets[row].tolist() == stream.ids[start + 1 : start + length + 1].tolist()


@given(layouts())
def test_without_the_rest_every_window_is_whole(layout: tuple[int, int, int]) -> None:
    count, rows, window = layout
    windows = StreamWindows(stream_of(count), rows, window)
    assert len(windows) == windows.windows_per_epoch == (count - 1) // rows // window
    assert all(windows[k].inputs.shape == (rows, window) for k in range(len(windows)))


@given(layouts(), st.sets(st.integers(1, 200), max_size=12), st.booleans())
def test_resets_stand_where_documents_start(layout: tuple[int, int, int], later: set[int], keep_rest: bool) -> None:
    count, rows, window = layout
    documents = (0, *sorted(start for start in later if start < count))
    windows = StreamWindows(stream_of(count, documents), rows, window, True, keep_rest)
    for k in range(len(windows)):
        batch = windows[k]
        expected = torch.isin(batch.inputs, torch.tensor(documents))  # the symbol at i is i
        assert batch.reset is None if not expected.any() else torch.equal(batch.reset, expected)


def test_no_resets_unless_asked_for() -> None:
    windows = StreamWindows(stream_of(21, (0, 5)), 2, 4)
    assert all(windows[k].reset is None for k in range(len(windows)))


def test_windows_out_of_range_are_refused() -> None:
    windows = StreamWindows(stream_of(21), 2, 4)
    with pytest.raises(IndexError):
        windows[len(windows)]


@pytest.mark.parametrize("count", [0, 1, 4])
def test_window_longer_than_the_text(count: int) -> None:
    with pytest.raises(RequestError) as caught:
        StreamWindows(stream_of(count), 1, 4)
    assert "\n" not in str(caught.value)
    assert f"bptt.window = 4: the text has {count} symbols" in str(caught.value)
    assert f"{max(count - 1, 0)} long at most" in str(caught.value)


@given(st.integers(1, 9), st.integers(1, 300))
def test_largest_number_of_rows_is_said_truly(window: int, count: int) -> None:
    stream, most = stream_of(count), largest_rows(stream_of(count), window)
    if most:
        assert StreamWindows(stream, most, window).windows_per_epoch >= 1
        with pytest.raises(RequestError, match=f"data.batch_size = {most + 1}: .* {most} rows of a window"):
            StreamWindows(stream, most + 1, window)
    with pytest.raises(RequestError, match="data.val_rows|bptt.window"):
        StreamWindows(stream, most + 1, window, rows_name="data.val_rows")


def sequences_of(count: int, lengths: bool = False) -> Sequences:
    """Items whose every number is the item's own."""
    inputs = np.broadcast_to(np.arange(count, dtype=np.float32)[:, None, None], (count, 3, 2))
    return Sequences(inputs, np.arange(count), np.arange(count) % 3 + 1 if lengths else None)


@given(st.integers(1, 40), st.integers(1, 10), st.integers(0, 5))
def test_a_seeded_pass_has_every_item_once_at_most(count: int, size: int, seed: int) -> None:
    if size > count:
        return
    batches = SequenceBatches(sequences_of(count), size, seed)
    order = [item for k in range(len(batches)) for item in batches.batch(1, k).targets.tolist()]
    assert len(order) == len(set(order)) == count // size * size


def test_order_depends_on_seed_and_pass_alone() -> None:
    def order(seed: int, *passes: int) -> list[int]:
        batches = SequenceBatches(sequences_of(64), 64, seed)
        return [batches.batch(epoch, 0).targets.tolist() for epoch in passes][-1]

    assert order(1, 0, 1, 2) == order(1, 2) != order(1, 1)
    assert order(2, 2) != order(1, 2)


def test_file_order_keeps_the_last_part() -> None:
    batches = SequenceBatches(sequences_of(7, lengths=True), 3, None)
    assert [batches.batch(5, k).targets.tolist() for k in range(3)] == [[0, 1, 2], [3, 4, 5], [6]]
    batch = batches.batch(0, 1)
    assert batch.inputs.dtype == torch.float32 and batch.inputs[1].tolist() == [[4, 4]] * 3
    assert batch.lengths is not None and batch.lengths.tolist() == [1, 2, 3]


def test_numbers_stay_fractions_and_symbols_become_whole_numbers() -> None:
    numbers = np.array([0.25, 1.5, 0.75], dtype=np.float32)
    sequences = Sequences(np.arange(6, dtype=np.uint8).reshape(3, 2), numbers, lags=np.array([1, 0, 1]))
    batch = SequenceBatches(sequences, 2, None).batch(0, 0)
    assert batch.inputs.dtype == torch.int64 and batch.inputs.tolist() == [[0, 1], [2, 3]]
    assert batch.targets.dtype == torch.float32 and batch.targets.tolist() == [0.25, 1.5]
    assert batch.lags is not None and batch.lags.dtype == torch.int64 and batch.lags.tolist() == [1, 0]


def test_labels_and_lags_of_steps_follow_their_items() -> None:
    labels = np.array([[0, -1], [-1, 1], [2, 2]], dtype=np.int32)
    sequences = Sequences(np.zeros((3, 2, 1), np.float32), labels, np.array([1, 2, 2]), lags=labels + 1)
    batches = SequenceBatches(sequences, 3, seed=4)
    batch, order = batches.batch(2, 0).to(torch.device("cpu")), batches.order(2)
    assert batch.targets.dtype == torch.int64 and batch.targets.tolist() == labels[order].tolist()
    assert batch.lags is not None and torch.equal(batch.lags, batch.targets + 1)
    assert batch.lengths is not None and batch.lengths.tolist() == sequences.lengths[order].tolist()


def test_batch_larger_than_the_split() -> None:
    with pytest.raises(RequestError, match="data.batch_size = 8: this split has 7 sequences"):
        SequenceBatches(sequences_of(7), 8, 0)


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=12),
    asked_behind=st.integers(0, 3),
    rows=st.integers(1, 5),
)
def test_batches_end_with_their_longest_row(lengths: list[int], asked_behind: int, rows: int) -> None:
    """Nothing that is asked for is lost, of targets that are longer than their inputs either."""
    longest, count = 9, len(lengths)
    labels = np.full((count, longest + asked_behind), -1)
    for row, length in zip(labels, lengths, strict=True):
        row[length - 1 + asked_behind] = length
    items = Sequences(np.arange(count * longest).reshape(count, longest), labels, np.array(lengths))
    whole = SequenceBatches(items, rows, None)
    short = SequenceBatches(replace(items, shortened=True), rows, None)
    for index in range(len(whole)):
        before, after = whole.batch(0, index), short.batch(0, index)
        steps = int(before.lengths.max())
        assert after.inputs.shape == (len(before.inputs), steps)
        assert torch.equal(after.inputs, before.inputs[:, :steps])
        assert torch.equal(after.lengths, before.lengths)
        assert torch.equal(after.targets, before.targets[:, : after.targets.shape[1]])
        assert (after.targets != -1).sum() == (before.targets != -1).sum()
