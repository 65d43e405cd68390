"""Chunks: they cover a run exactly, and cross nothing that must happen between windows."""

from __future__ import annotations

from dataclasses import astuple

from hypothesis import given
from hypothesis import strategies as st

from rnnlab.training.plan import Plan, next_multiple

plans = st.builds(
    Plan,
    max_steps=st.integers(1, 300),
    windows_per_epoch=st.integers(1, 60),
    windows_per_chunk=st.integers(1, 40),
    val_every=st.integers(1, 60),
    checkpoint_every=st.integers(1, 60),
    probe_at=st.sets(st.integers(0, 300), max_size=6).map(lambda steps: tuple(sorted(steps))),
)


@given(plans, st.integers(0, 300))
def test_chunks_cover_the_rest_exactly(plan: Plan, position: int) -> None:
    windows = [window for chunk in plan.chunks(position) for window in chunk]
    assert windows == list(range(position, plan.max_steps))


@given(plans)
def test_no_chunk_crosses_anything(plan: Plan) -> None:
    for chunk in plan.chunks(0):
        assert 1 <= len(chunk) <= plan.windows_per_chunk
        for every in (plan.val_every, plan.checkpoint_every, plan.windows_per_epoch):
            assert not any(inside % every == 0 for inside in chunk[1:])
        assert not set(plan.probe_at) & set(chunk[1:])


@given(plans, st.integers(0, 300))
def test_a_run_resumed_at_a_chunk_s_end_has_the_same_chunks(plan: Plan, number: int) -> None:
    chunks = list(plan.chunks(0))
    done = number % len(chunks)
    assert list(plan.chunks(chunks[done].start)) == chunks[done:]


@given(plans)
def test_every_validation_checkpoint_and_probe_is_at_a_chunk_s_end(plan: Plan) -> None:
    ends = {chunk.stop for chunk in plan.chunks(0)}
    for step in range(1, plan.max_steps + 1):
        if plan.validates_at(step) or plan.saves_at(step) or plan.probes_at(step):
            assert step in ends
    assert plan.validates_at(plan.max_steps) and plan.saves_at(plan.max_steps)


@given(st.integers(0, 1000), st.integers(1, 100))
def test_next_multiple(position: int, step: int) -> None:
    found = next_multiple(position, step)
    assert found % step == 0 and position < found <= position + step


def test_an_example() -> None:
    plan = Plan(max_steps=20, windows_per_epoch=9, windows_per_chunk=4, val_every=6, checkpoint_every=10)
    assert [(chunk.start, chunk.stop) for chunk in plan.chunks(0)] == [
        (0, 4), (4, 6), (6, 9), (9, 10), (10, 12), (12, 16), (16, 18), (18, 20),
    ]  # fmt: skip
    assert astuple(plan)[0] == 20
