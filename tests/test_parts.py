"""The parts of a run, before it starts."""

from __future__ import annotations

from pathlib import Path

from rnnlab.config.compose import compose
from rnnlab.models.backends import Backend
from rnnlab.models.stack import Stack
from rnnlab.parts import Show, assemble

READER_AND_WRITER = [
    "task=encoder_decoder", "encoder=recurrent", "attention=dot", "data=reverse", "data.examples=40", "data.held_out=8",
    "data.batch_size=4", "cell=gru", "cell.hidden_size=4", "stack.backend=compiled", "device=cpu",
]  # fmt: skip


def test_every_stack_of_a_model_has_its_backend_ready_and_says_it_once(workspace: Path) -> None:
    """Compilation is forbidden here, so that ready means to have fallen back to the loop."""
    said: list[str] = []
    parts = assemble(compose(READER_AND_WRITER).experiment, Show(saying=said.append))
    stacks = [part for part in parts.model.modules() if isinstance(part, Stack)]
    assert len(stacks) == 2 and all(stack.backend is Backend.loop for stack in stacks)
    assert len(said) == 1 and "cell=gru runs as a loop" in said[0]
