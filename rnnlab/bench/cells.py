"""Every cell on every backend beside torch.nn.LSTM: forward and backward of one layer, interleaved in one process.

All computes in float32, on a GPU without TF32, which would round the products of some and not of others.
A backend whose numbers are not those of the loop is not timed.

Shapes: B batch, T time, D input features, H hidden units.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any

import torch
from torch import Tensor, nn

from rnnlab.bench.passes import Pass, Problem, Shape, apart, cell_pass, held_bytes, in_rounds, peak_bytes, torch_pass
from rnnlab.config import registry
from rnnlab.errors import RequestError
from rnnlab.models.backends import Backend, backends_of, prepare
from rnnlab.models.cells.base import Cell
from rnnlab.models.compiled.captured import forget_captured
from rnnlab.training.device import Device, choose_device, repeatable

LEAST_ROUNDS, SECONDS = 5, 1.0
"""The rounds of one cell at one shape, unless a number is asked for: at least so many, and as long as this."""
TOLERANCE = {"output": 2e-5, "gradients": 2e-4}
"""How far a backend may be from the loop in float64: largest difference, over the largest value if above one."""
TIMES_THE_LOOP = 4.0
"""Some cells make much of a rounding: then it may be so many times as far as the loop in float32 is."""
CHAOS = 0.1
"""Where the loop itself is this far from float64, no two roundings agree, and nothing can be told from that."""
TWINS: dict[str, Callable[..., nn.Module]] = {"lstm": nn.LSTM, "gru": nn.GRU, "elman": nn.RNN}
"""Cells that torch.nn has too."""
TIMED, DIFFERS, NOT_COMPILED = "timed", "differs", "not compiled"
"""What becomes of a backend; one whose steps cannot be compiled here would run as the loop, which has its own row."""
CAPTURED = "captured"
MIB = 2**20


@dataclass(slots=True)
class Row:
    """One backend of one cell at one shape.

    ratio              of its time to that of torch.nn.LSTM, both of the same round: the median of all rounds,
                       and the quarters between which the middle half of them lies
    twin_ratio         the same to torch.nn's own form of the cell; None where it has none
    peak_mib           the most memory that a pass needs, see ``peak_bytes``
    held_mib           memory on a GPU that a captured loop keeps between its passes, beside that
    compile_s          seconds to build or capture its program; 0 where there was one
    program            built, captured (on a GPU, in the first pass), or found, on disk or in this process;
                       empty where none is needed
    output_difference, gradient_difference   from the loop in float64, as in TOLERANCE
    note               why it was not timed
    """

    cell: str
    shape: str
    backend: str
    result: str = TIMED
    ratio: float | None = None
    ratio_quarter: float | None = None
    ratio_three_quarters: float | None = None
    twin_ratio: float | None = None
    ms: float | None = None
    lstm_ms: float | None = None
    rounds: int = 0
    peak_mib: float | None = None
    lstm_peak_mib: float | None = None
    held_mib: float = 0.0
    compile_s: float = 0.0
    program: str = ""
    output_difference: float = 0.0
    gradient_difference: float = 0.0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is measured. ``threads`` 0: all cores; ``rounds``: 2 or more, None for as many as time allows."""

    cells: Sequence[str]
    backends: Sequence[Backend]
    shapes: Sequence[Shape]
    device: Device
    threads: int
    rounds: int | None
    seed: int


Say = Callable[[str], None]
"""Is told what is compiled, and what cannot be."""


def cells(request: Request, say: Say, progress: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Device, threads, shapes and tolerance, and a row for each cell, shape and backend, the fastest first.

    RequestError for a cell that there is not, and where no cell has one of the backends.
    """
    for name in request.cells:
        registry.component("cell", name)
    device = choose_device(request.device)
    tasks = [(name, shape) for name in request.cells for shape in request.shapes]
    rows: list[Row] = []
    with repeatable(request.threads), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        for done, (name, shape) in enumerate(tasks):
            progress(done, len(tasks), f"{name} {shape}")
            rows += compared(name, shape, request, device, say)
            forget_captured()
        threads = torch.get_num_threads()
    if not rows:
        given = ",".join(backend.value for backend in request.backends)
        raise RequestError(f"--backends {given}: no such backend in {', '.join(request.cells)}; loop is in every cell")
    return {
        "device": device.type,
        "threads": threads,
        "shapes": [str(shape) for shape in request.shapes],
        "tolerance": TOLERANCE,
        "rows": [asdict(row) for row in sorted(rows, key=lambda row: (row.ratio is None, row.ratio))],
    }


def compared(name: str, shape: Shape, request: Request, device: torch.device, say: Say) -> list[Row]:
    """A row for each backend of one cell at one shape."""
    torch.manual_seed(request.seed)
    cell, problem = shape.cell(name, device), shape.problem(device)
    passes = {each: cell_pass(cell, each, problem) for each in backends_of(cell) if each in request.backends}
    exact = cell_pass(deepcopy(cell).double(), Backend.loop, problem.double())() if passes else []
    own = [apart(*pair) for pair in zip(cell_pass(cell, Backend.loop, problem)(), exact, strict=True)] if passes else []
    rows = []
    for backend, ours in passes.items():
        row = Row(name, str(shape), backend.value)
        make_ready(row, backend, cell, problem, say)
        if row.result == TIMED:
            compare(row, ours, exact, own)
        rows.append(row)
    timed = {row.backend: passes[Backend(row.backend)] for row in rows if row.result == TIMED}
    if timed:
        measure([row for row in rows if row.backend in timed], list(timed.values()), problem, request.rounds)
    return rows


def make_ready(row: Row, backend: Backend, cell: Cell, problem: Problem, say: Say) -> None:
    """Compile what is not compiled yet; a program that there is says nothing."""
    lines: list[str] = []

    def tell(line: str) -> None:
        lines.append(line)
        say(line)

    began = time.perf_counter()
    ready = prepare(backend, cell, problem.x_BTD, tell)
    if ready is not backend:
        row.result, row.note = NOT_COMPILED, lines[-1].removeprefix("stack.backend: ")
    elif backend is Backend.compiled:
        row.program = CAPTURED if problem.x_BTD.is_cuda else "built" if lines else "found"
        row.compile_s = time.perf_counter() - began if lines else 0.0


def compare(row: Row, ours: Pass, exact: Sequence[Tensor], own: Sequence[float]) -> None:
    """How far its numbers are from those of float64; too far, and it is not timed. This is its first pass.

    ``own``: how far the loop's are.
    """
    before, began = held_bytes(ours), time.perf_counter()
    found = ours()
    if row.program == CAPTURED:
        row.compile_s = time.perf_counter() - began
    output, *gradients = (apart(our, want) for our, want in zip(found, exact, strict=True))
    del found
    row.held_mib = (held_bytes(ours) - before) / MIB
    row.output_difference, row.gradient_difference = output, max(gradients)
    for what, difference, loop in (("output", output, own[0]), ("gradients", max(gradients), max(own[1:]))):
        allowed = max(TOLERANCE[what], TIMES_THE_LOOP * loop)
        if loop > CHAOS:
            row.note = f"chaotic: {what} of the loop are {loop:.0e} from float64"
        elif not difference <= allowed:
            row.result = DIFFERS
            row.note = f"differs: {what} {difference:.1e} from the loop in float64, {allowed:.0e} is tolerated"


def measure(rows: Sequence[Row], passes: Sequence[Pass], problem: Problem, rounds: int | None) -> None:
    """Time and memory of each row's pass, those of torch.nn.LSTM and of a twin beside it."""
    twin = TWINS.get(rows[0].cell, nn.LSTM)
    beside = [torch_pass(kind, problem) for kind in dict.fromkeys((nn.LSTM, twin))]
    for each in beside:
        each()  # what a kernel sets up once is not part of its memory
    peaks = [peak_bytes(each) for each in (beside[0], *passes)]
    at_least, seconds = (LEAST_ROUNDS, SECONDS) if rounds is None else (rounds, 0.0)
    times = list(zip(*in_rounds([*beside, *passes], at_least, seconds), strict=True))
    lstm, twin_times = times[0], times[len(beside) - 1]
    for row, ours, peak in zip(rows, times[len(beside) :], peaks[1:], strict=True):
        ratios = over(ours, lstm)
        row.ratio = median(ratios)
        row.ratio_quarter, _, row.ratio_three_quarters = quantiles(ratios, n=4, method="inclusive")
        if row.cell in TWINS:
            row.twin_ratio = median(over(ours, twin_times))
        row.ms, row.lstm_ms, row.rounds = 1e3 * median(ours), 1e3 * median(lstm), len(ratios)
        row.peak_mib, row.lstm_peak_mib = in_mib(peak), in_mib(peaks[0])


def over(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """The ratio of each round: both saw the same machine."""
    return [our / their for our, their in zip(ours, theirs, strict=True)]


def in_mib(size: int | None) -> float | None:
    return None if size is None else size / MIB
