"""Reading: what is kept is what the stack's trace computes, in whatever chunks and rows."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlab.config.compose import compose
from rnnlab.data.spec import DataSpec
from rnnlab.inside import reading
from rnnlab.inside.reading import Part, Stretches, read
from rnnlab.models.model import build_model
from rnnlab.models.tasks.language_model import LanguageModel

SYMBOLS = tuple("abcdefgh")


def small_model(*words: str) -> LanguageModel:
    experiment = compose(["cell.hidden_size=5", "embedding.size=4", *words]).experiment
    spec = DataSpec("stream", SYMBOLS, 0, 0, {"train": 100}, 0, "character", "none")
    torch.manual_seed(1)
    model = build_model(experiment.cell, experiment.embedding, experiment.stack, experiment.task, spec)
    assert isinstance(model, LanguageModel)
    return model.eval()


def some_symbols(count: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, len(SYMBOLS), count)


@pytest.mark.parametrize("cell", ["lstm", "gru", "elman", "mingru"])
def test_it_keeps_what_the_trace_has(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    model, symbols_N = small_model(f"cell={cell}", "stack.depth=2"), some_symbols(40)
    parts = [Part(layer, name) for layer, own in enumerate(model.stack.layers()) for name in own.names]
    with torch.no_grad():
        trace = model.stack.trace(model.embedding(torch.from_numpy(symbols_N)[None]))
        logits_TV = model.head(trace.output_BTH)[0]
    monkeypatch.setattr(reading, "HELD", 7 * sum(len(c.names) * 5 for c in model.stack.layers()))  # seven steps at once
    found = read(model, symbols_N, parts, guesses=3)
    for part in parts:
        np.testing.assert_allclose(found.values[part], trace.stacked(*part)[0].numpy(), atol=1e-6)
    nats = torch.nn.functional.cross_entropy(logits_TV[:-1], torch.from_numpy(symbols_N[1:]), reduction="none")
    assert np.isnan(found.nats_N[0])
    np.testing.assert_allclose(found.nats_N[1:], nats.numpy(), atol=1e-5)
    assert found.guesses is not None
    best = logits_TV.softmax(dim=-1).topk(3)
    np.testing.assert_array_equal(found.guesses.symbols_NK, best.indices.numpy())
    np.testing.assert_allclose(found.guesses.probabilities_NK, best.values.numpy(), atol=1e-6)


@given(count=st.integers(1, 60), rows=st.integers(1, 9), steps=st.integers(1, 11), warm_up=st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_rows_own_every_symbol_once_and_read_what_comes_before(count: int, rows: int, steps: int, warm_up: int) -> None:
    plan = Stretches(count, min(rows, count), warm_up)
    seen, after = np.zeros(count, int), np.full(count, -1)
    text = np.arange(count)
    for start, symbols_RT in plan.chunks(text, steps):
        assert (np.diff(symbols_RT, axis=1) >= 0).all()
        values_RT = torch.from_numpy(symbols_RT[:, :-1])
        plan.keep(after, start, values_RT)
        plan.keep(seen, start, values_RT + 1, shift=1)
    np.testing.assert_array_equal(after, text)
    np.testing.assert_array_equal(seen[1:], text[1:])  # the step before each symbol is read by the row that owns it
    assert all(first - begin == min(first, warm_up) for first, begin in zip(plan.owned, plan.starts, strict=True))


def test_side_by_side_is_the_same_where_the_warm_up_is_longer_than_the_memory() -> None:
    model, symbols_N = small_model("cell=gru"), some_symbols(3000)
    alone, together = (read(model, symbols_N, [Part(0, "h")], rows=rows) for rows in (1, 4))
    np.testing.assert_allclose(together.values[Part(0, "h")], alone.values[Part(0, "h")], atol=1e-4)
    np.testing.assert_allclose(together.nats_N[1:], alone.nats_N[1:], atol=1e-3)


def test_an_edit_changes_what_follows() -> None:
    model, symbols_N = small_model("cell=lstm"), some_symbols(30)
    plain = read(model, symbols_N, [Part(0, "h")])
    edited = read(
        model, symbols_N, [Part(0, "h")], edit=lambda layer, t, name, value: value * 0 if name == "c" else value
    )
    assert np.abs(edited.values[Part(0, "h")]).max() == 0
    assert np.abs(edited.nats_N[1:] - plain.nats_N[1:]).max() > 0
