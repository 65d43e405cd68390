"""The bench of the cells: every backend that a cell has, beside torch.nn.LSTM, and none whose numbers differ."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from rnnlab.bench import cells as bench_cells
from rnnlab.bench.cells import TOLERANCE
from rnnlab.bench.passes import WARM_UP, Pass, Problem, Shape, apart, cell_pass, in_rounds, peak_bytes, torch_pass
from rnnlab.cli import bench
from rnnlab.config import registry, store
from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend
from rnnlab.training.device import Device

CPU = torch.device("cpu")
SMALL = ("--shapes", "4x2x3x5", "--repeat", "2", "--threads", "1", "--device", "cpu")
QUICK = ("--backends", "native,scan,loop")
HASTY = '''
from rnnlab.models.cells.lstm import LSTM


class Hasty(LSTM):
    """Somebody 2030: an LSTM with a faster way that leaves something out."""

    def native(self, x_BTD, state, w):
        y_BTH, state = super().native(x_BTD, state, w)
        return WRONG, state
'''


@pytest.fixture
def hasty(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Write ``cell=hasty`` into a plug-in mylab, whose fused kernel gives this for y_BTH."""
    monkeypatch.setattr(registry, "_added", {})
    monkeypatch.setattr(registry, "_loaded", set())
    monkeypatch.setattr(store, "_stored", set())
    monkeypatch.setattr(sys, "path", [*sys.path])

    def write(wrong: str) -> None:
        (workspace / "mylab").mkdir()
        (workspace / "mylab" / "__init__.py").write_text("")
        (workspace / "mylab" / "hasty.py").write_text(HASTY.replace("WRONG", wrong))

    yield write
    for name in [name for name in sys.modules if name.partition(".")[0] == "mylab"]:
        del sys.modules[name]


@pytest.fixture
def problem() -> Problem:
    torch.manual_seed(0)
    return Shape.parse("4x2x3x5").problem(CPU)


def test_the_command_offers_what_there_is() -> None:
    assert set(bench.BACKENDS) == {each.value for each in Backend} - {"auto"}
    assert set(bench.DEVICES) == {each.value for each in Device}
    assert [str(Shape.parse(shape)) for shape in bench.LAYERS.split(",")] == bench.LAYERS.split(",")


def test_a_row_for_each_backend(cli: Callable[..., Any]) -> None:
    answer = cli("bench", "cells", "--cells", "lstm,mingru,mgu", *QUICK, *SMALL, "--json")
    data = answer.data
    assert answer.exit_code == 0
    assert (data["what"], data["device"], data["threads"], data["shapes"]) == ("cells", "cpu", 1, ["4x2x3x5"])
    found = {(row["cell"], row["backend"]) for row in data["rows"]}
    assert found == {("lstm", "native"), ("lstm", "loop"), ("mingru", "scan"), ("mingru", "loop"), ("mgu", "loop")}
    for row in data["rows"]:
        assert row["result"] == "timed" and row["rounds"] == 2 and row["note"] == ""
        assert 0 < row["ratio_quarter"] <= row["ratio"] <= row["ratio_three_quarters"]
        assert row["ms"] > 0 and row["lstm_ms"] > 0
        assert row["output_difference"] <= TOLERANCE["output"]
        assert row["gradient_difference"] <= TOLERANCE["gradients"]
        assert (row["compile_s"], row["program"]) == (0, "")


def test_only_cells_that_torch_has_are_compared_to_a_twin(cli: Callable[..., Any]) -> None:
    rows = cli("bench", "cells", "--cells", "lstm,gru,elman,mgu", "--backends", "loop", *SMALL, "--json").data["rows"]
    twins = {row["cell"]: row["twin_ratio"] for row in rows}
    ratios = {row["cell"]: row["ratio"] for row in rows}
    assert twins["mgu"] is None and twins["lstm"] == ratios["lstm"]
    assert twins["gru"] != ratios["gru"] and twins["elman"] != ratios["elman"]


def test_the_table_begins_with_the_fastest(cli: Callable[..., Any]) -> None:
    rows = cli("bench", "cells", "--cells", "lstm,elman", *QUICK, *SMALL, "--json").data["rows"]
    assert all(faster["ratio"] <= slower["ratio"] for faster, slower in pairwise(rows))
    lines = cli("bench", "cells", "--cells", "lstm", *QUICK, *SMALL).stdout.splitlines()
    assert lines[0].startswith("4x2x3x5: ratio") and {line.split()[1] for line in lines[2:]} == {"native", "loop"}


@pytest.mark.parametrize("wrong", ["1.01 * y_BTH", "y_BTH.detach() + 0 * y_BTH", "y_BTH / 0"])
def test_a_backend_that_differs_is_not_timed(wrong: str, hasty: Callable[[str], None], cli: Callable[..., Any]) -> None:
    hasty(wrong)
    answer = cli("bench", "cells", "--cells", "hasty", "--plugins", "mylab", *QUICK, *SMALL)
    (line,) = [line for line in answer.stdout.splitlines() if "native" in line]
    assert answer.exit_code == 1
    assert "differs: " in line and "from the loop" in line


def test_the_others_are_timed_beside_it(hasty: Callable[[str], None], cli: Callable[..., Any]) -> None:
    hasty("1.01 * y_BTH")
    answer = cli("bench", "cells", "--cells", "hasty", "--plugins", "mylab", *QUICK, *SMALL, "--json")
    timed, refused = answer.data["rows"]
    assert answer.exit_code == 1
    assert (timed["backend"], timed["result"]) == ("loop", "timed") and timed["ratio"] > 0
    assert (refused["backend"], refused["result"], refused["ratio"]) == ("native", "differs", None)


def test_steps_that_cannot_be_compiled_are_not_timed_as_the_loop(cli: Callable[..., Any]) -> None:
    """The tests' environment forbids to compile."""
    answer = cli("bench", "cells", "--cells", "mgu", "--backends", "compiled,loop", *SMALL, "--json")
    loop, compiled = answer.data["rows"]
    assert answer.exit_code == 0 and loop["result"] == "timed"
    assert (compiled["result"], compiled["ratio"]) == ("not compiled", None)
    assert compiled["note"].endswith("TORCH_COMPILE_DISABLE=1 forbids it")


@pytest.mark.slow
def test_a_program_is_built_once_and_then_found(rnnlab_process: Callable[..., Any], tmp_path: Path) -> None:
    command = ("bench", "cells", "--cells", "ugrnn", "--backends", "compiled", *SMALL, "--shapes", "4x2x3x5,6x2x3x7")
    for first_program in ("built", "found"):
        answer = rnnlab_process(*command, "--json", TORCH_COMPILE_DISABLE="0", RNNLAB_CACHE=str(tmp_path / "cache"))
        first, second = sorted(answer.data["rows"], key=lambda row: row["shape"])
        assert (first["program"], first["compile_s"] > 0) == (first_program, first_program == "built")
        assert (second["program"], second["compile_s"]) == ("found", 0)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--cells", "lstn"), "lstm"),
        (("--backends", "native,fused"), "fused"),
        (("--backends", "scan", "--cells", "lstm"), "loop is in every cell"),
        (("--shapes", "64x32x64"), "TxBxDxH"),
        (("--shapes", "64x32x64x0"), "TxBxDxH"),
        (("--repeat", "1"), "--repeat"),
        (("--threads", "-1"), "--threads"),
        (("--device", "cuda"), "no GPU"),
    ],
)
def test_a_wrong_request_is_one_line(wrong: tuple[str, str], said: str, cli: Callable[..., Any]) -> None:
    if wrong == ("--device", "cuda") and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    answer = cli("bench", "cells", *wrong)
    assert answer.exit_code == 2 and said in answer.stderr and answer.stderr.count("\n") == 1


def test_a_shape_is_four_numbers() -> None:
    assert Shape.parse("64x32x16x256") == Shape(steps=64, rows=32, inputs=16, units=256)
    for wrong in ("", "64", "axbxcxd", "64x32x16x-1", "64x32x16x2x5", "6.5x1x1x1"):
        with pytest.raises(RequestError):
            Shape.parse(wrong)


def test_a_pass_is_the_derivative_of_weighted_outputs(problem: Problem) -> None:
    """By hand: an identity's gradient on the input is the weight of each output."""
    scale = nn.Parameter(torch.tensor(2.0))
    same = Problem(torch.ones(2, 4, 5, requires_grad=True), problem.weight_BTH)
    output, d_input, d_scale = Pass(lambda x_BTD: scale * x_BTD, [scale], same)()
    assert torch.equal(output, torch.full((2, 4, 5), 2.0))
    assert torch.equal(d_input, 2 * problem.weight_BTH)
    assert float(d_scale.detach()) == pytest.approx(float(problem.weight_BTH.sum()), rel=1e-5)


def test_backends_of_one_cell_give_the_same_pass(problem: Problem) -> None:
    cell = Shape.parse("4x2x3x5").cell("gru", CPU)
    loop, native = (cell_pass(cell, backend, problem)() for backend in (Backend.loop, Backend.native))
    assert len(loop) == 2 + len(list(cell.parameters()))
    assert all(apart(ours, wanted) < 1e-5 for ours, wanted in zip(native, loop, strict=True))


def test_each_round_has_everyone_and_begins_with_another(problem: Problem) -> None:
    turns: list[int] = []

    def layer(number: int) -> Pass:
        weight = nn.Parameter(torch.ones(3, 5))

        def forward(x_BTD: torch.Tensor) -> torch.Tensor:
            turns.append(number)
            return x_BTD @ weight

        return Pass(forward, [weight], problem)

    times = in_rounds([layer(0), layer(1), layer(2)], at_least=3, seconds=0)
    assert len(times) == 3 and all(len(each) == 3 and min(each) > 0 for each in times)
    assert WARM_UP == 1 and turns == [0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2]


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="this system does not tell")
def test_memory_grows_with_what_a_layer_keeps() -> None:
    torch.manual_seed(0)
    small, large = (torch_pass(nn.LSTM, Shape.parse(f"{steps}x16x8x64").problem(CPU)) for steps in (16, 512))
    for layer in (small, large):
        layer()
    few, many = peak_bytes(small), peak_bytes(large)
    if few is None or many is None:
        pytest.skip("this process may not ask")
    kept = 4 * 512 * 16 * 64
    assert many - few > 4 * kept  # the four gates of each step, at the least


def test_apart_is_relative_above_one_and_absolute_below() -> None:
    assert apart(torch.tensor([101.0, 0.0]), torch.tensor([100.0, 0.0])) == pytest.approx(0.01)
    assert apart(torch.tensor([0.02]), torch.tensor([0.01])) == pytest.approx(0.01)
    assert apart(torch.tensor([math.nan]), torch.tensor([0.0])) == math.inf
    assert apart(torch.tensor([math.inf]), torch.tensor([0.0])) == math.inf


def test_twins_are_what_torch_has() -> None:
    assert set(bench_cells.TWINS) <= set(registry.names("cell"))
