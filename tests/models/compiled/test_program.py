"""Compiled for real: what lands on the disk, what loads it, and what happens without a compiler."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from rnnlab.config import registry
from rnnlab.models.backends import Backend, prepare, run_loop
from rnnlab.models.cells.base import Cell
from rnnlab.models.compiled import steps
from rnnlab.models.compiled.loop import run_compiled
from rnnlab.models.compiled.program import key
from rnnlab.models.zoneout import Zoneout

RUN = """
import sys, torch
from rnnlab.config import registry
from rnnlab.models.backends import prepare, Backend, run_cell, run_loop
cell_class = registry.component("cell", "peephole_lstm")
torch.manual_seed(0)
for rows, hidden_size in ((3, 7), (1, 1), (32, 40)):
    cell = cell_class(cell_class.Config(name="peephole_lstm", hidden_size=hidden_size), 4)
    backend = prepare(Backend.compiled, cell, torch.zeros(1), print)
    x_BTD = torch.randn(rows, 5, 4)
    wanted = run_loop(cell, x_BTD, cell.initial_state(rows), cell.weights())[0]
    found = run_cell(cell, x_BTD, cell.initial_state(rows), cell.weights(), backend)[0]
    assert (found - wanted).abs().max() < 1e-6
print(backend.value, "torch._dynamo" in sys.modules)
"""


def python(program: str, cache: Path, **environment: str) -> list[str]:
    """The lines that a program writes, in a process of its own that may compile."""
    inherited = {name: value for name, value in os.environ.items() if name != "TORCH_COMPILE_DISABLE"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=inherited | {"RNNLAB_CACHE": str(cache)} | environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def cell() -> Cell:
    cell_class = registry.component("cell", "mgu")
    made: Cell = cell_class(cell_class.Config(name="mgu", hidden_size=5), 3)
    return made


@pytest.mark.slow
def test_compiled_once_for_every_size_and_process(tmp_path: Path) -> None:
    """The first process compiles one program for three sizes; the second loads it, with no compiler about."""
    first = python(RUN, tmp_path)
    assert first == ["cell=peephole_lstm: compiling its steps for this machine's cpu, once", "compiled True"]
    assert python(RUN, tmp_path, CXX="/nowhere/c++") == ["compiled False"]
    (folder,) = [path for path in (tmp_path / "compiled").iterdir() if path.is_dir()]
    assert {path.name for path in folder.iterdir()} == {"forward.pt2", "backward.pt2", "program.json"}


@pytest.mark.slow
def test_without_a_compiler_the_loop_runs_and_one_line_says_so(tmp_path: Path) -> None:
    compiling, line, chosen = python(RUN.replace("(3, 7), (1, 1), (32, 40)", "(32, 40),"), tmp_path, CXX="/nowhere/c++")
    assert line.startswith("stack.backend: cell=peephole_lstm runs as a loop, its steps are not compiled: ")
    assert chosen == "loop True"
    assert not [path for path in (tmp_path / "compiled").iterdir() if path.is_dir()]


@pytest.mark.slow
def test_a_damaged_program_is_not_run(tmp_path: Path) -> None:
    small = RUN.replace("(3, 7), (1, 1), (32, 40)", "(32, 40),")
    assert python(small, tmp_path)[-1] == "compiled True"
    (forward,) = (tmp_path / "compiled").glob("*/forward.pt2")
    forward.write_bytes(forward.read_bytes()[:1000])
    line, chosen = python(small, tmp_path)
    assert line.startswith("stack.backend: cell=peephole_lstm runs as a loop, its steps are not compiled: ")
    assert chosen == "loop False"


@pytest.mark.slow
def test_gradients_on_this_machine(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TORCH_COMPILE_DISABLE")
    cell.double()
    x_BTD = torch.randn(2, 6, 3, dtype=torch.float64, requires_grad=True)
    found = []
    for run in (run_compiled, run_loop):
        y_BTH, _ = run(cell, x_BTD, cell.initial_state(2), cell.weights())
        found.append(torch.autograd.grad((y_BTH**2).sum(), [x_BTD, *cell.parameters()]))
    for ours, wanted in zip(*found, strict=True):
        torch.testing.assert_close(ours, wanted, rtol=1e-12, atol=1e-12)


def test_torch_s_own_switch_forbids_it(cell: Cell) -> None:
    said: list[str] = []
    assert prepare(Backend.compiled, cell, torch.zeros(1), said.append) is Backend.loop
    (line,) = said
    assert line == (
        "stack.backend: cell=mgu runs as a loop, its steps are not compiled: TORCH_COMPILE_DISABLE=1 forbids it"
    )


def test_a_program_s_key_holds_what_it_depends_on(cell: Cell, make_cell: Callable[..., Cell]) -> None:
    same = make_cell("mgu", hidden_size=9)
    assert steps.made_from(cell) == steps.made_from(same), "the size is free"
    others = [make_cell("ugrnn"), make_cell("cornn"), make_cell("cornn", dt=0.05), Zoneout(cell, 0.1)]
    assert len({steps.made_from(each) for each in (cell, *others)}) == 5
    cpu = torch.device("cpu")
    assert key("a", torch.float32, cpu) != key("a", torch.float64, cpu) != key("b", torch.float64, cpu)


def test_tracing_draws_nothing_from_the_generator(cell: Cell) -> None:
    before = torch.random.get_rng_state()
    steps.example_step(cell, torch.device("cpu"), torch.float32)
    assert torch.equal(torch.random.get_rng_state(), before)
